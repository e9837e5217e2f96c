import { constants } from "node:buffer";

/** What a client sent that is no request. It is told, and its connection closed, as Redis does. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** How much one client may send. */
export interface RequestLimits {
  /** Bytes of one argument. Redis lets 512 MB pass; a string of JavaScript is 24 bytes shorter. */
  readonly bulkMax: number;
  /** Arguments of one request. */
  readonly argumentsMax: number;
  /** Bytes of one request in all. Redis has no such limit and ends when the memory does; a process that also does other work may not. */
  readonly requestMax: number;
}

export const requestLimits: RequestLimits = {
  bulkMax: Math.min(512 * 1024 * 1024, constants.MAX_STRING_LENGTH),
  argumentsMax: 2 ** 31 - 1,
  requestMax: 1024 * 1024 * 1024,
};

/** What a client may send that has not given the password yet: enough for AUTH and HELLO. */
const strangersLimits = { bulkMax: 16_384, argumentsMax: 10 } as const;

/** What an argument takes beside its bytes, and counts toward the limit of its request. */
const argumentOverhead = 64;
const lineMax = 64 * 1024;
const carriageReturn = 13;
const lineFeed = 10;
const longMax = "9223372036854775807";
const longMin = "9223372036854775808";

/** Cuts what arrives on a connection into requests: arrays of bulk strings, or lines typed by hand. Arguments are byte strings. */
export class RequestReader {
  readonly #limits: RequestLimits;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Pieces that wait for the rest of a long argument, so that it is put together once. */
  #pieces: Buffer[] = [];
  #pending = 0;
  #wanted = 0;
  /** The request that is being read: how many arguments are missing, and those that came. */
  #missing = 0;
  #args: string[] = [];
  #size = 0;
  #bulk = -1;
  /** Bytes of a line that have come and do not end it. */
  #scanned = 0;

  constructor(limits: RequestLimits = requestLimits) {
    this.#limits = limits;
  }

  /** Adds what arrived. */
  push(chunk: Buffer): void {
    if (this.#wanted > 0) {
      this.#pieces.push(chunk);
      this.#pending += chunk.length;
      if (this.#pending < this.#wanted) return;
      this.#bytes = Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#pending = 0;
      this.#wanted = 0;
    } else if (this.#at === this.#bytes.length) {
      this.#bytes = chunk;
    } else {
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    }
    this.#at = 0;
  }

  /**
   * The next whole request; `undefined` if more has to arrive first. An empty one is no request, and is passed over.
   *
   * @param stranger the client has not given the password yet
   * @throws {ProtocolError} if what came is no request; nothing after it can be understood
   */
  next(stranger = false): readonly string[] | undefined {
    if (this.#wanted > 0) return undefined;
    for (;;) {
      if (this.#missing > 0) {
        if (!this.#readArguments(stranger)) return undefined;
        const args = this.#args;
        this.#args = [];
        return args;
      }
      if (this.#at >= this.#bytes.length) return undefined;
      if (this.#bytes[this.#at] !== 42) {
        const words = this.#readInline();
        if (words === undefined) return undefined;
        if (words.length > 0) return words;
        continue;
      }
      const line = this.#line("too big mbulk count string");
      if (line === undefined) return undefined;
      const count = readLength(line, 1);
      if (count === undefined || count > this.#limits.argumentsMax) throw new ProtocolError("invalid multibulk length");
      if (stranger && count > strangersLimits.argumentsMax) throw new ProtocolError("unauthenticated multibulk length");
      if (count <= 0) continue;
      this.#missing = count;
      this.#size = 0;
      this.#bulk = -1;
    }
  }

  #readArguments(stranger: boolean): boolean {
    while (this.#missing > 0) {
      if (this.#bulk === -1) {
        const mark = this.#at;
        const line = this.#line("too big bulk count string");
        if (line === undefined) return false;
        if (this.#bytes[mark] !== 36) throw new ProtocolError(`expected '$', got '${shown(this.#bytes[mark] as number)}'`);
        const length = readLength(line, 1);
        if (length === undefined || length < 0 || length > this.#limits.bulkMax) throw new ProtocolError("invalid bulk length");
        if (stranger && length > strangersLimits.bulkMax) throw new ProtocolError("unauthenticated bulk length");
        this.#size += length + argumentOverhead;
        if (this.#size > this.#limits.requestMax) throw new ProtocolError("too big request");
        this.#bulk = length;
      }
      const end = this.#at + this.#bulk;
      if (end + 2 > this.#bytes.length) {
        this.#wait(end + 2 - this.#at);
        return false;
      }
      this.#args.push(this.#bytes.toString("latin1", this.#at, end));
      // The line break is taken on trust, as Redis takes it.
      this.#at = end + 2;
      this.#bulk = -1;
      this.#missing--;
    }
    return true;
  }

  #wait(length: number): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#pieces = [rest];
    this.#pending = rest.length;
    this.#wanted = length;
    this.#bytes = Buffer.alloc(0);
    this.#at = 0;
  }

  /** One line without its end; `undefined` if its end has not come. */
  #line(tooLong: string): string | undefined {
    const end = this.#find(carriageReturn, tooLong);
    if (end === -1 || end + 1 >= this.#bytes.length) return undefined;
    const line = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 2;
    this.#scanned = 0;
    return line;
  }

  #readInline(): readonly string[] | undefined {
    const end = this.#find(lineFeed, "too big inline request");
    if (end === -1) return undefined;
    const stop = end > this.#at && this.#bytes[end - 1] === carriageReturn ? end - 1 : end;
    const line = this.#bytes.toString("latin1", this.#at, stop);
    this.#at = end + 1;
    this.#scanned = 0;
    return splitLine(line);
  }

  /** Where the line ends, or -1. Redis looks for it as in a text of C, so after a NUL it is never found. */
  #find(mark: number, tooLong: string): number {
    const bytes = this.#bytes;
    let at = this.#at + this.#scanned;
    while (at < bytes.length && bytes[at] !== mark && bytes[at] !== 0) at++;
    if (bytes[at] === mark) return at;
    if (bytes.length - this.#at > lineMax) throw new ProtocolError(tooLong);
    this.#scanned = at - this.#at;
    return -1;
  }
}

/** An integer as a client writes it after `*` or `$`, and as Redis reads it: no blank, no plus, no zero in front; `undefined` if it is none. */
function readLength(line: string, from: number): number | undefined {
  const negative = line.charCodeAt(from) === 45;
  const start = negative ? from + 1 : from;
  const digits = line.length - start;
  if (digits === 0 || digits > longMax.length) return undefined;
  if (digits === longMax.length && line.slice(start) > (negative ? longMin : longMax)) return undefined;
  if (line.charCodeAt(start) === 48 && (negative || line.length > start + 1)) return undefined;
  let value = 0;
  for (let at = start; at < line.length; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** A byte within an error, which has one line. */
function shown(byte: number): string {
  return byte === carriageReturn || byte === lineFeed ? " " : String.fromCharCode(byte);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/** Cuts a typed line into words: at blanks, with "…" (escapes count) and '…' (only \' does). */
function splitLine(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at] as string)) at++;
    if (at >= line.length) return words;
    let word = "";
    // Within a word a vertical tab and a form feed count, though they are blanks in front of one.
    for (; at < line.length && !" \n\r\t".includes(line[at] as string); at++) {
      const mark = line[at] as string;
      if (mark !== '"' && mark !== "'") {
        word += mark;
        continue;
      }
      const quoted = readQuoted(line, at);
      word += quoted.text;
      at = quoted.end + 1;
      if (at < line.length && !isBlank(line[at] as string)) throw new ProtocolError("unbalanced quotes in request");
      break;
    }
    words.push(word);
  }
}

/** What stands between two quotes, and where the second one is. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } {
  const quote = line[start] as string;
  let text = "";
  for (let at = start + 1; at < line.length; at++) {
    const mark = line[at] as string;
    if (mark === quote) return { text, end: at };
    const next = line[at + 1];
    if (mark !== "\\" || next === undefined || (quote === "'" && next !== "'")) {
      text += mark;
      continue;
    }
    const hex = quote === '"' && next === "x" ? /^[0-9a-f]{2}/i.exec(line.slice(at + 2, at + 4)) : null;
    text += hex === null ? (quote === '"' ? (escapes[next] ?? next) : next) : String.fromCharCode(Number.parseInt(hex[0], 16));
    at += hex === null ? 1 : 3;
  }
  throw new ProtocolError("unbalanced quotes in request");
}

function isBlank(mark: string): boolean {
  return mark === " " || (mark >= "\t" && mark <= "\r");
}
