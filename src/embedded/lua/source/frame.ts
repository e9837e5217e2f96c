import type { SiteList } from "../site-list.ts";
import type { CallExpression, Expression, FunctionBody, Statement } from "../syntax/index.ts";

/** What writes the parts of a function: they contain each other, and reach each other through their frame. */
export interface Writer {
  /** An expression that gives one value. */
  value(frame: Frame, expression: Expression): string;
  /** A call, giving its result bare or as a list. */
  call(frame: Frame, call: CallExpression, isTail?: boolean): string;
  /** A function inside another. */
  closure(outer: Frame, body: FunctionBody): string;
  /** The statements of a block. */
  block(frame: Frame, block: readonly Statement[]): string;
}

/** How a function is written. */
export interface Manner {
  readonly writer: Writer;
  readonly generator: boolean;
  readonly mayYield: boolean;
  readonly depth: number;
}

/**
 * The JavaScript function that is being written.
 *
 * `L` is its variable for the place it stands at: when something is thrown through it, the handler at its end reads the line there.
 * So no line is recorded anywhere else, and code that does not fail pays one register for it.
 */
export class Frame {
  readonly body: FunctionBody;
  readonly writer: Writer;
  readonly sites: SiteList;
  /** Written as a generator, which may yield. */
  readonly generator: boolean;
  /** Functions inside get a generator form as well. */
  readonly mayYield: boolean;
  /** How many functions stand around this one. */
  readonly depth: number;
  /** Counts the places where `L` is set. */
  marks = 0;
  /** It counts the turns of its loops. */
  hasLoops = false;
  /** How many temporary variables it needs. */
  temporariesMax = 0;
  #temporaries = 0;
  /** The line that `L` is known to say; -1 if it depends on the way taken. */
  #line = -1;

  constructor(body: FunctionBody, sites: SiteList, how: Manner) {
    this.body = body;
    this.sites = sites;
    this.writer = how.writer;
    this.generator = how.generator;
    this.mayYield = how.mayYield;
    this.depth = how.depth;
  }

  /** A temporary variable, until {@link release}. */
  take(): string {
    const name = `t${this.#temporaries++}`;
    if (this.#temporaries > this.temporariesMax) this.temporariesMax = this.#temporaries;
    return name;
  }

  /** Gives back the last `count` temporary variables. */
  release(count = 1): void {
    this.#temporaries -= count;
  }

  /** Sets `L` to a line, with a comma after it, or nothing if it says so already. */
  at(line: number): string {
    if (this.#line === line) return "";
    this.#line = line;
    this.marks++;
    return `L=${this.sites.place(line)},`;
  }

  /** Sets `L` to a line on a way that is rarely taken. */
  atRarely(line: number): string {
    if (this.#line === line) return "";
    this.#line = -1;
    this.marks++;
    return `L=${this.sites.place(line)},`;
  }

  /** Sets `L` to a call site, without the comma. */
  atSite(site: number): string {
    this.#line = this.sites.list[site]?.line ?? -1;
    this.marks++;
    return `L=${site}`;
  }

  /** Ways meet, or a way begins that is taken more than once: what `L` says is not known. */
  forget(): void {
    this.#line = -1;
  }
}
