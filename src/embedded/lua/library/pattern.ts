import type { Runtime } from "../runtime.ts";
import type { LuaValue } from "../value.ts";
import { fail } from "./arguments.ts";
import { inClass } from "./character-class.ts";

const CAPTURES_MAX = 32;
const OPEN = -1;
const POSITION = -2;
/** Lua has no bound and runs out of C stack; a pattern that goes deeper than this is hostile. */
const DEPTH_MAX = 2_000;
/** Steps between two looks at the budget of the script. */
const STRIDE = 256;

/**
 * Lua 5.1's pattern matching over one text: backtracking with `%b`, `%f`, back references and position captures.
 *
 * A NUL in a pattern ends it, as in Lua 5.1. Every step counts against the script's budget, so that a hostile pattern ends.
 *
 * @throws {LuaError} `malformed pattern (missing ']')` and its kind, when the matching gets there: Lua checks nothing before.
 */
export class Matcher {
  readonly #rt: Runtime;
  readonly #text: string;
  readonly #pattern: string;
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  #level = 0;
  #depth = 0;
  #steps = 0;

  constructor(rt: Runtime, text: string, pattern: string) {
    this.#rt = rt;
    this.#text = text;
    const nul = pattern.indexOf("\0");
    this.#pattern = nul < 0 ? pattern : pattern.slice(0, nul);
  }

  /** Tries to match at one place; the end of the match, or -1. */
  matchAt(at: number, patternAt: number): number {
    this.#level = 0;
    this.#depth = 0;
    return this.#match(at, patternAt);
  }

  /** How many captures there are. */
  get captures(): number {
    return this.#level;
  }

  /** One capture of the last match, which went from `start` to `end`; the whole match if the pattern has none. */
  capture(index: number, start: number, end: number): LuaValue {
    if (index >= this.#level) return index === 0 ? this.#text.slice(start, end) : fail("invalid capture index");
    const length = this.#lengths[index] as number;
    const from = this.#starts[index] as number;
    if (length === POSITION) return from + 1;
    return length === OPEN ? fail("unfinished capture") : this.#text.slice(from, from + length);
  }

  /** All captures of the last match; the whole match if the pattern has none. */
  allCaptures(start: number, end: number, into: LuaValue[] = []): LuaValue[] {
    const count = this.#level === 0 ? 1 : this.#level;
    for (let index = 0; index < count; index++) into.push(this.capture(index, start, end));
    return into;
  }

  #match(start: number, patternStart: number): number {
    if (++this.#depth > DEPTH_MAX) fail("pattern too complex");
    const end = this.#matchOn(start, patternStart);
    this.#depth--;
    return end;
  }

  #matchOn(start: number, patternStart: number): number {
    const pattern = this.#pattern;
    const text = this.#text;
    let at = start;
    let p = patternStart;
    for (;;) {
      this.#step();
      if (p >= pattern.length) return at;
      const code = pattern.charCodeAt(p);
      if (code === 40) return this.#openCapture(at, p);
      if (code === 41) return this.#closeCapture(at, p + 1);
      if (code === 36 && p + 1 === pattern.length) return at === text.length ? at : -1;
      if (code === 37) {
        const next = pattern.charCodeAt(p + 1);
        const special = next === 98 || next === 102 || (next >= 48 && next <= 57);
        if (special) {
          at = this.#matchSpecial(at, p, next);
          if (at < 0) return -1;
          p = next === 102 ? this.#classEnd(p + 2) : p + (next === 98 ? 4 : 2);
          continue;
        }
      }
      const end = this.#classEnd(p);
      const suffix = pattern.charCodeAt(end);
      if (suffix === 42) return this.#expandMost(at, p, end);
      if (suffix === 45) return this.#expandLeast(at, p, end);
      const fits = at < text.length && this.#fits(text.charCodeAt(at), p, end);
      if (suffix === 43) return fits ? this.#expandMost(at + 1, p, end) : -1;
      if (suffix === 63) {
        const longer = fits ? this.#match(at + 1, end + 1) : -1;
        if (longer >= 0) return longer;
        p = end + 1;
        continue;
      }
      if (!fits) return -1;
      at++;
      p = end;
    }
  }

  #step(): void {
    if (++this.#steps === STRIDE) {
      this.#steps = 0;
      this.#rt.tick(STRIDE);
    }
  }

  #openCapture(at: number, p: number): number {
    const position = this.#pattern.charCodeAt(p + 1) === 41;
    if (this.#level >= CAPTURES_MAX) fail("too many captures");
    this.#starts[this.#level] = at;
    this.#lengths[this.#level] = position ? POSITION : OPEN;
    this.#level++;
    const end = this.#match(at, position ? p + 2 : p + 1);
    if (end < 0) this.#level--;
    return end;
  }

  #closeCapture(at: number, p: number): number {
    let index = this.#level - 1;
    while (index >= 0 && this.#lengths[index] !== OPEN) index--;
    if (index < 0) fail("invalid pattern capture");
    this.#lengths[index] = at - (this.#starts[index] as number);
    const end = this.#match(at, p);
    if (end < 0) this.#lengths[index] = OPEN;
    return end;
  }

  /** `%b()`, `%f[set]` and `%1`: where the match goes on, or -1. */
  #matchSpecial(at: number, p: number, kind: number): number {
    if (kind === 98) return this.#matchBalance(at, p + 2);
    if (kind === 102) return this.#matchFrontier(at, p + 2);
    const index = kind - 49;
    if (index < 0 || index >= this.#level || this.#lengths[index] === OPEN) fail("invalid capture index");
    const length = this.#lengths[index] as number;
    // A position capture refers to nothing: in Lua its length is larger than any text.
    if (length < 0 || this.#text.length - at < length) return -1;
    const from = this.#starts[index] as number;
    return this.#text.startsWith(this.#text.slice(from, from + length), at) ? at + length : -1;
  }

  #matchBalance(at: number, p: number): number {
    const text = this.#text;
    if (p + 1 >= this.#pattern.length) fail("unbalanced pattern");
    const open = this.#pattern.charCodeAt(p);
    const close = this.#pattern.charCodeAt(p + 1);
    if (at >= text.length || text.charCodeAt(at) !== open) return -1;
    let depth = 1;
    for (let i = at + 1; i < text.length; i++) {
      this.#step();
      const code = text.charCodeAt(i);
      if (code === close) {
        if (--depth === 0) return i + 1;
      } else if (code === open) depth++;
    }
    return -1;
  }

  #matchFrontier(at: number, p: number): number {
    if (this.#pattern.charCodeAt(p) !== 91) fail("missing '[' after '%f' in pattern");
    const end = this.#classEnd(p);
    const before = at === 0 ? 0 : this.#text.charCodeAt(at - 1);
    const after = at < this.#text.length ? this.#text.charCodeAt(at) : 0;
    return !this.#inSet(before, p, end - 1) && this.#inSet(after, p, end - 1) ? at : -1;
  }

  #expandMost(at: number, p: number, end: number): number {
    const text = this.#text;
    let last = at;
    while (last < text.length && this.#fits(text.charCodeAt(last), p, end)) {
      this.#step();
      last++;
    }
    const follows = this.#literalAt(end + 1);
    for (; last >= at; last--) {
      if (follows >= 0 && text.charCodeAt(last) !== follows) continue;
      const found = this.#match(last, end + 1);
      if (found >= 0) return found;
    }
    return -1;
  }

  #expandLeast(from: number, p: number, end: number): number {
    const text = this.#text;
    const follows = this.#literalAt(end + 1);
    for (let at = from; ; at++) {
      this.#step();
      const found = follows < 0 || text.charCodeAt(at) === follows ? this.#match(at, end + 1) : -1;
      if (found >= 0) return found;
      if (at >= text.length || !this.#fits(text.charCodeAt(at), p, end)) return -1;
    }
  }

  /** The character that must come next, if there is but one that fits: most places can be passed over without a try. */
  #literalAt(p: number): number {
    const code = this.#pattern.charCodeAt(p);
    // Letters and digits mean themselves, and what makes one optional comes behind it.
    if (!(code >= 97 && code <= 122) && !(code >= 48 && code <= 57) && !(code >= 65 && code <= 90) && code !== 58 && code !== 44)
      return -1;
    const suffix = this.#pattern.charCodeAt(p + 1);
    return suffix === 42 || suffix === 45 || suffix === 63 ? -1 : code;
  }

  /** The end of the single character, class or set that starts at `p`. */
  #classEnd(p: number): number {
    const pattern = this.#pattern;
    const code = pattern.charCodeAt(p);
    let at = p + 1;
    if (code === 37) {
      if (at >= pattern.length) fail("malformed pattern (ends with '%')");
      return at + 1;
    }
    if (code !== 91) return at;
    if (pattern.charCodeAt(at) === 94) at++;
    // The first character after the bracket belongs to the set, even if it is the closing one.
    do {
      if (at >= pattern.length) fail("malformed pattern (missing ']')");
      if (pattern.charCodeAt(at++) === 37 && at < pattern.length) at++;
    } while (pattern.charCodeAt(at) !== 93);
    return at + 1;
  }

  #fits(code: number, p: number, end: number): boolean {
    const kind = this.#pattern.charCodeAt(p);
    if (kind === 46) return true;
    if (kind === 37) return inClass(code, this.#pattern.charCodeAt(p + 1));
    return kind === 91 ? this.#inSet(code, p, end - 1) : kind === code;
  }

  #inSet(code: number, p: number, last: number): boolean {
    const pattern = this.#pattern;
    let at = p + 1;
    const inside = pattern.charCodeAt(at) !== 94;
    if (!inside) at++;
    for (; at < last; at++) {
      const here = pattern.charCodeAt(at);
      if (here === 37) {
        if (inClass(code, pattern.charCodeAt(++at))) return inside;
      } else if (pattern.charCodeAt(at + 1) === 45 && at + 2 < last) {
        at += 2;
        if (here <= code && code <= pattern.charCodeAt(at)) return inside;
      } else if (here === code) return inside;
    }
    return !inside;
  }
}
