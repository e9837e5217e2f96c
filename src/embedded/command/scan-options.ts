import { integerArgument, literalOf, matchesGlob, refusals, refuse } from "../value/index.ts";

/** What SCAN, HSCAN, SSCAN and ZSCAN are told beyond where to go on. */
export interface ScanOptions {
  /** About how many to visit in one go. @default 10 */
  readonly count: number;
  /** Which to answer with; `undefined` for all. */
  readonly pattern: string | undefined;
  /** Only keys that hold this, in lower case. SCAN alone has it. */
  readonly type: string | undefined;
}

const invalidCursor = refuse("invalid cursor");
const cursorMax = 2n ** 64n - 1n;

/** Reads a cursor as C's `strtoul` does: a sign is allowed, and an empty text is 0. @throws {Refusal} `ERR invalid cursor` */
export function cursorArgument(text: string): number {
  const first = text.charCodeAt(0);
  const from = first === 43 || first === 45 ? 1 : 0;
  if (text.length === 0) return 0;
  if (text.length === from) throw invalidCursor;
  let value = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) throw invalidCursor;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER && BigInt(text.slice(from)) > cursorMax) throw invalidCursor;
  // A negative one wraps round to one of the greatest, which is before the first step of any scan.
  return first === 45 && value !== 0 ? Number(cursorMax) : value;
}

/** Reads the options from a position on; TYPE only where it is allowed. @throws {Refusal} a syntax error, or of the count */
export function scanOptions(args: readonly string[], from: number, withType = false): ScanOptions {
  let count = 10;
  let pattern: string | undefined;
  let type: string | undefined;
  for (let at = from; at < args.length; at += 2) {
    const option = (args[at] as string).toLowerCase();
    const value = args[at + 1];
    if (value === undefined) throw refusals.syntax;
    if (option === "count") {
      count = integerArgument(value);
      if (count < 1) throw refusals.syntax;
    } else if (option === "match") {
      pattern = value === "*" ? undefined : value;
    } else if (option === "type" && withType) {
      type = value.toLowerCase();
    } else {
      throw refusals.syntax;
    }
  }
  return { count, pattern, type };
}

/** The names that match, of those that a scan visited; without a pattern the list itself. */
export function matching(names: string[], pattern: string | undefined): string[] {
  if (pattern === undefined) return names;
  const literal = literalOf(pattern);
  const kept: string[] = [];
  for (const name of names) {
    if (literal === undefined ? matchesGlob(pattern, name) : name === literal) kept.push(name);
  }
  return kept;
}
