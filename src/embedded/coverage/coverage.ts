import { type CompileOptions, compile, type Prototype } from "../lua/index.ts";
import { toText } from "../value/index.ts";

/** How often a statement of a script was reached. */
export interface StatementCoverage {
  readonly line: number;
  /** Byte of the line where it begins, from 1. */
  readonly column: number;
  readonly hits: number;
}

/** How often a line ran on which a statement begins: as often as that of its statements which ran most. */
export interface LineCoverage {
  readonly line: number;
  readonly hits: number;
}

/** What ran of one script, or of one function library. */
export interface ScriptCoverage {
  /** SHA1 of its source: what EVALSHA takes. */
  readonly sha: string;
  readonly kind: "script" | "library";
  readonly source: string;
  /** Lines that can run, in order. Others hold no statement's beginning: comments, `end`, the rest of a long table. */
  readonly lines: readonly LineCoverage[];
  readonly statements: readonly StatementCoverage[];
}

/** A chunk of Lua that is to be counted. */
export interface CountedChunk {
  readonly sha: string;
  readonly kind: ScriptCoverage["kind"];
  readonly body: string;
  /** The body without its shebang. */
  readonly source: string;
  readonly chunkName: string;
}

interface Counted {
  readonly chunk: CountedChunk;
  readonly prototype: Prototype;
}

/** Compiles scripts so that their statements are counted, each once, and tells the counts. */
export class Coverage {
  readonly #counted = new Map<string, Counted>();

  /** @throws {LuaError} the syntax error */
  compile(chunk: CountedChunk, options: CompileOptions): Prototype {
    const key = `${options.backend ?? "source"}:${chunk.kind}:${chunk.sha}`;
    let known = this.#counted.get(key);
    if (known === undefined) {
      known = { chunk, prototype: compile(chunk.source, chunk.chunkName, { ...options, counted: true }) };
      this.#counted.set(key, known);
    }
    return known.prototype;
  }

  /** What was counted until now, of each script in the order in which they came. */
  report(): ScriptCoverage[] {
    return [...this.#counted.values()].map(({ chunk: { sha, kind, body }, prototype: { counted } }) => {
      const statements = (counted?.places ?? []).map((place, at) => ({ ...place, hits: counted?.counts[at] ?? 0 }));
      return { sha, kind, source: toText(body), lines: linesOf(statements), statements };
    });
  }
}

/** Lines on which statements begin, in order. */
export function linesOf(statements: readonly StatementCoverage[]): LineCoverage[] {
  const hits = new Map<number, number>();
  for (const { line, hits: each } of statements) hits.set(line, Math.max(hits.get(line) ?? 0, each));
  return [...hits].sort(([a], [b]) => a - b).map(([line, hits]) => ({ line, hits }));
}
