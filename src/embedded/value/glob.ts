const star = 42;
const question = 63;
const open = 91;
const close = 93;
const caret = 94;
const dash = 45;
const backslash = 92;

/**
 * Says if text matches a pattern as Redis reads it (KEYS, SCAN, PSUBSCRIBE, CONFIG GET): `*`, `?`, `[a-z]`, `[^a]` and `\` before
 * what shall stand for itself. Never more than pattern × text steps: only the last star is ever tried again, because all that
 * stands between two stars is as long wherever it matches.
 *
 * @example
 * matchesGlob("user:*:[a-f]?", "user:12:b7") // true
 */
export function matchesGlob(pattern: string, text: string, ignoreCase = false): boolean {
  // Redis looks at an empty text against the empty pattern only, so that `**` does not match it. `*` alone its callers know.
  if (text.length === 0) return pattern.length === 0 || pattern === "*";
  const length = pattern.length;
  let at = 0;
  let from = 0;
  let retryAt = -1;
  let retryFrom = 0;
  while (from < text.length) {
    if (at < length && pattern.charCodeAt(at) === star) {
      while (pattern.charCodeAt(at) === star) at++;
      if (at === length) return true;
      retryAt = at;
      retryFrom = from;
      continue;
    }
    const next = at < length ? step(pattern, at, text.charCodeAt(from), ignoreCase) : -1;
    if (next !== -1) {
      at = next;
      from++;
    } else if (retryAt === -1) {
      return false;
    } else {
      at = retryAt;
      from = ++retryFrom;
    }
  }
  while (pattern.charCodeAt(at) === star) at++;
  return at >= length;
}

/** The literal text that a pattern stands for if nothing in it is special, for a look-up instead of a search. */
export function literalOf(pattern: string): string | undefined {
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charCodeAt(at);
    if (char === star || char === question || char === open || char === backslash) return undefined;
  }
  return pattern;
}

/** Where the pattern goes on once its one-char part at `at` has matched; -1 if it did not. */
function step(pattern: string, at: number, char: number, ignoreCase: boolean): number {
  const special = pattern.charCodeAt(at);
  if (special === question) return at + 1;
  if (special === open) return stepClass(pattern, at + 1, char, ignoreCase);
  const literal = special === backslash && at + 1 < pattern.length ? at + 1 : at;
  const wanted = pattern.charCodeAt(literal);
  return wanted === char || (ignoreCase && lower(wanted) === lower(char)) ? literal + 1 : -1;
}

/** A class runs to its `]`, or to the end of the pattern; a `]` at its very start closes it, unlike in a shell. */
function stepClass(pattern: string, start: number, char: number, ignoreCase: boolean): number {
  let at = start;
  const negated = pattern.charCodeAt(at) === caret;
  if (negated) at++;
  const wanted = ignoreCase ? lower(char) : char;
  let found = false;
  for (; at < pattern.length; at++) {
    let member = pattern.charCodeAt(at);
    if (member === backslash && at + 1 < pattern.length) {
      // An escaped member is compared as it stands, even where case is ignored.
      if (pattern.charCodeAt(++at) === char) found = true;
      continue;
    }
    if (member === close) break;
    if (at + 2 < pattern.length && pattern.charCodeAt(at + 1) === dash) {
      if (within(member, pattern.charCodeAt(at + 2), char, ignoreCase)) found = true;
      at += 2;
      continue;
    }
    if (ignoreCase) member = lower(member);
    if (member === wanted) found = true;
  }
  if (found === negated) return -1;
  return at < pattern.length ? at + 1 : at;
}

/** A range may be written backwards, and its bytes are signed, as C's are on the machines that Redis runs on. */
function within(first: number, last: number, char: number, ignoreCase: boolean): boolean {
  let low = signed(first);
  let high = signed(last);
  if (low > high) [low, high] = [high, low];
  const wanted = signed(ignoreCase ? lower(char) : char);
  if (ignoreCase) {
    low = lower(low);
    high = lower(high);
  }
  return wanted >= low && wanted <= high;
}

function signed(byte: number): number {
  return byte > 127 ? byte - 256 : byte;
}

function lower(char: number): number {
  return char >= 65 && char <= 90 ? char + 32 : char;
}
