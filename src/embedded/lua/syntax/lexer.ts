import { parseNumber } from "../../number/index.ts";
import { LuaError } from "../error.ts";

/** What a token is: a keyword or a sign stands for itself. */
export type TokenKind = "name" | "string" | "number" | "end of file" | "symbol" | "keyword";

const KEYWORDS: ReadonlySet<string> = new Set(
  ("and break do else elseif end false for function if in local nil not or " + "repeat return then true until while").split(" "),
);

/** Where Lua's own message would say what it stumbled over. */
const END_OF_FILE = "<eof>";

/**
 * Cuts Lua 5.1 source into tokens, one at a time. Errors read as Lua's own.
 *
 * The current token is held in fields, so that reading one makes no object.
 */
export class Lexer {
  /** The kind of the current token. */
  kind: TokenKind = "end of file";
  /** The current token: name, keyword or sign as written, or the value of a string. */
  text = "";
  /** The value of a number. */
  number = 0;
  /** Line of the current token (its last, for a long string). */
  line = 1;
  /** Line of the token before it. */
  lastLine = 1;
  readonly #source: string;
  readonly #chunk: string;
  #at = 0;
  #from = 0;
  #raw: string | undefined = undefined;
  /** The line that the next token is looked for from, if that is not {@link line}: it was looked at already. Otherwise -1. */
  #lineBefore = -1;

  constructor(source: string, chunk: string) {
    this.#source = source;
    this.#chunk = chunk;
    this.advance();
  }

  /** Where the current token begins: the byte of its line, from 1. */
  get column(): number {
    const before = this.#from - 1;
    if (before < 0) return 1;
    return this.#from - Math.max(this.#source.lastIndexOf("\n", before), this.#source.lastIndexOf("\r", before));
  }

  /** Whether the current token is this sign or keyword. */
  is(word: string): boolean {
    return this.text === word && (this.kind === "symbol" || this.kind === "keyword");
  }

  /** Skips the current token if it is this sign or keyword. */
  skip(word: string): boolean {
    if (!this.is(word)) return false;
    this.advance();
    return true;
  }

  /** A syntax error at the current token. */
  unexpected(message: string): LuaError {
    return this.failure(message, this.#written());
  }

  /** A syntax error: `user_script:1: message near 'near'`. */
  failure(message: string, near?: string): LuaError {
    // To C a text ends at its first zero byte.
    const shown = near === undefined ? "" : ` near '${near.split("\0", 1)[0]}'`;
    return new LuaError(`${this.#chunk}:${this.line}: ${message}${shown}`);
  }

  /**
   * Whether the token after the current one is `=`, for fields of a table. From then on {@link line} is that token's, as in Lua,
   * which reads it only once.
   */
  isFollowedByEqualSign(): boolean {
    const saved = { kind: this.kind, text: this.text, number: this.number, lastLine: this.lastLine };
    const [at, from, raw, line] = [this.#at, this.#from, this.#raw, this.line];
    this.advance();
    const found = this.is("=");
    Object.assign(this, saved);
    [this.#at, this.#from, this.#raw, this.#lineBefore] = [at, from, raw, line];
    return found;
  }

  /** Reads the next token. */
  advance(): void {
    this.lastLine = this.line;
    if (this.#lineBefore >= 0) {
      this.line = this.#lineBefore;
      this.#lineBefore = -1;
    }
    const source = this.#source;
    this.#raw = undefined;
    for (;;) {
      const code = source.charCodeAt(this.#at);
      if (code === 10 || code === 13) this.#newLine();
      else if (code === 32 || (code >= 9 && code <= 12)) this.#at++;
      else if (code === 45 && source.charCodeAt(this.#at + 1) === 45) this.#comment();
      else {
        this.#from = this.#at;
        this.#read(code);
        return;
      }
    }
  }

  #read(code: number): void {
    if (Number.isNaN(code)) {
      this.kind = "end of file";
      this.text = END_OF_FILE;
    } else if (isLetter(code)) this.#word();
    else if (isDigit(code) || (code === 46 && isDigit(this.#source.charCodeAt(this.#at + 1)))) this.#number();
    else if (code === 34 || code === 39) this.#string(code);
    else if (code === 91 && this.#isLongBracket()) this.#longString();
    else this.#symbol();
  }

  #word(): void {
    const source = this.#source;
    let at = this.#at + 1;
    while (isLetter(source.charCodeAt(at)) || isDigit(source.charCodeAt(at))) at++;
    this.text = source.slice(this.#at, at);
    this.#at = at;
    this.kind = KEYWORDS.has(this.text) ? "keyword" : "name";
  }

  #symbol(): void {
    const source = this.#source;
    const at = this.#at;
    let size = 1;
    const next = source[at + 1];
    if (source[at] === ".") size = next === "." ? (source[at + 2] === "." ? 3 : 2) : 1;
    else if (next === "=" && "=<>~".includes(source[at] ?? " ")) size = 2;
    this.kind = "symbol";
    this.text = source.slice(at, at + size);
    this.#at = at + size;
  }

  #number(): void {
    const source = this.#source;
    let at = this.#at;
    while (isDigit(source.charCodeAt(at)) || source[at] === ".") at++;
    if (source[at] === "e" || source[at] === "E") at += source[at + 1] === "+" || source[at + 1] === "-" ? 2 : 1;
    while (isLetter(source.charCodeAt(at)) || isDigit(source.charCodeAt(at))) at++;
    const text = source.slice(this.#at, at);
    this.#at = at;
    const value = parseNumber(text);
    if (value === undefined) throw this.failure("malformed number", text);
    this.kind = "number";
    this.number = value;
    this.text = text;
  }

  #string(quote: number): void {
    const source = this.#source;
    let at = ++this.#at;
    let value = "";
    for (;;) {
      const code = source.charCodeAt(at);
      if (code === quote) break;
      if (Number.isNaN(code)) throw this.failure("unfinished string", END_OF_FILE);
      if (code === 10 || code === 13)
        throw this.failure("unfinished string", `${source[this.#from]}${value}${source.slice(this.#at, at)}`);
      if (code !== 92) {
        at++;
        continue;
      }
      value += source.slice(this.#at, at);
      this.#at = at + 1;
      value += this.#escape(value);
      at = this.#at;
    }
    this.text = value + source.slice(this.#at, at);
    this.#at = at + 1;
    this.kind = "string";
    this.#raw = `${String.fromCharCode(quote)}${this.text}${String.fromCharCode(quote)}`;
  }

  /** What follows a backslash. */
  #escape(before: string): string {
    const source = this.#source;
    const code = source.charCodeAt(this.#at);
    if (Number.isNaN(code)) return "";
    if (code === 10 || code === 13) {
      this.#newLine();
      return "\n";
    }
    if (!isDigit(code)) {
      this.#at++;
      const known = "abfnrtv".indexOf(source[this.#at - 1] ?? "");
      return known < 0 ? (source[this.#at - 1] ?? "") : ("\x07\b\f\n\r\t\v"[known] ?? "");
    }
    let value = 0;
    for (let digits = 0; digits < 3 && isDigit(source.charCodeAt(this.#at)); digits++) {
      value = value * 10 + source.charCodeAt(this.#at++) - 48;
    }
    if (value > 255) throw this.failure("escape sequence too large", `${source[this.#from]}${before}`);
    return String.fromCharCode(value);
  }

  /** At `[`: whether a long string starts here. `[=` without a second bracket is an error of its own. */
  #isLongBracket(): boolean {
    const level = this.#levelAt(this.#at);
    if (level >= 0) return true;
    if (level === -1) return false;
    throw this.failure("invalid long string delimiter", this.#source.slice(this.#at, this.#at - level));
  }

  /** Level of the long bracket at this place; -1 if there is none, `-n` if there are `n - 1` equal signs without a bracket. */
  #levelAt(at: number): number {
    let end = at + 1;
    while (this.#source[end] === "=") end++;
    return this.#source[end] === this.#source[at] ? end - at - 1 : -(end - at);
  }

  #longString(): void {
    this.text = this.#longBracket("string");
    this.kind = "string";
    // As Lua's buffer has it: without a first line break.
    const equals = "=".repeat(this.#levelAt(this.#from));
    this.#raw = `[${equals}[${this.text}]${equals}]`;
  }

  #comment(): void {
    const source = this.#source;
    this.#at += 2;
    if (source[this.#at] === "[" && this.#levelAt(this.#at) >= 0) {
      this.#longBracket("comment");
      return;
    }
    while (this.#at < source.length && source[this.#at] !== "\n" && source[this.#at] !== "\r") this.#at++;
  }

  /** Reads `[==[ … ]==]`. The first line break right after the opening does not count. */
  #longBracket(kind: "string" | "comment"): string {
    const source = this.#source;
    const level = this.#levelAt(this.#at);
    this.#at += level + 2;
    if (source[this.#at] === "\n" || source[this.#at] === "\r") this.#newLine();
    let value = "";
    let from = this.#at;
    for (;;) {
      const code = source.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw this.failure(`unfinished long ${kind}`, END_OF_FILE);
      if (code === 93 && this.#levelAt(this.#at) === level) break;
      if (code === 10 || code === 13) {
        value += `${source.slice(from, this.#at)}\n`;
        this.#newLine();
        from = this.#at;
      } else this.#at++;
    }
    value += source.slice(from, this.#at);
    this.#at += level + 2;
    return value;
  }

  /** Skips `\n`, `\r`, `\r\n` or `\n\r`: each is one line break. */
  #newLine(): void {
    const first = this.#source.charCodeAt(this.#at++);
    const second = this.#source.charCodeAt(this.#at);
    if ((second === 10 || second === 13) && second !== first) this.#at++;
    this.line++;
  }

  /** The current token as an error shows it. */
  #written(): string | undefined {
    const code = this.text.charCodeAt(0);
    // A zero byte is no token that Lua can name.
    if (this.kind === "symbol" && code === 0) return undefined;
    if (this.kind === "symbol" && (code < 32 || code === 127)) return `char(${code})`;
    return this.#raw ?? this.text;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters of names: bytes above 127 are none. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}
