/**
 * Reads a number as Lua does where a string is used as one: what C's `strtod` accepts, with blanks around it. That includes
 * `0x1p4`, `inf` and `nan`; a NUL ends the text. `undefined` if it is no number.
 */
export function parseNumber(text: string): number | undefined {
  const first = text.charCodeAt(0);
  // The commonest case by far: a few digits and nothing else.
  if (first >= 49 && first <= 57 && text.length < 16) {
    let value = first - 48;
    let at = 1;
    for (; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === text.length) return value;
  }
  return parseWhole(text);
}

/**
 * Reads an integer in a base from 2 to 36 as C's `strtoul` does: 64 bits, a minus sign counts down from 2^64, more than fits
 * is the largest. `undefined` if it is none.
 */
export function parseInBase(text: string, base: number): number | undefined {
  let at = skipBlanks(text, 0);
  const negative = text.charCodeAt(at) === 45;
  if (negative || text.charCodeAt(at) === 43) at++;
  if (base === 16 && hasHexPrefix(text, at) && digitOf(text.charCodeAt(at + 2)) < 16) at += 2;
  const from = at;
  let value = 0;
  let exact = 0n;
  for (;;) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit >= base) break;
    if (value < 2 ** 48) {
      value = value * base + digit;
      exact = BigInt(value);
    } else if (exact <= MAX_UINT64) exact = exact * BigInt(base) + BigInt(digit);
    at++;
  }
  if (at === from || !endsAt(text, at)) return undefined;
  if (value < 2 ** 48 && !negative) return value;
  if (exact > MAX_UINT64) return Number(MAX_UINT64);
  return Number(negative ? BigInt.asUintN(64, -exact) : exact);
}

const MAX_UINT64 = 2n ** 64n - 1n;

function parseWhole(text: string): number | undefined {
  const number = readNumber(text, skipBlanks(text, 0));
  return number !== undefined && endsAt(text, number.end) ? number.value : undefined;
}

/** A number, and where the text goes on behind it. */
export interface NumberRead {
  readonly value: number;
  readonly end: number;
}

/** The longest number that starts at a place, as `strtod` finds it; `undefined` if there is none. */
export function readNumber(text: string, start: number): NumberRead | undefined {
  const negative = text.charCodeAt(start) === 45;
  const at = negative || text.charCodeAt(start) === 43 ? start + 1 : start;
  const number = (hasHexPrefix(text, at) ? parseHex(text, at) : undefined) ?? parseDecimal(text, at);
  return number !== undefined && negative ? { value: -number.value, end: number.end } : number;
}

function parseDecimal(text: string, start: number): NumberRead | undefined {
  let end = skipDigits(text, start);
  let digits = end - start;
  if (text.charCodeAt(end) === 46) {
    const after = skipDigits(text, end + 1);
    digits += after - end - 1;
    end = after;
  }
  if (digits === 0) return parseWord(text, start);
  end = skipExponent(text, end, 101);
  return { value: Number(text.slice(start, end)), end };
}

/** `inf`, `infinity`, `nan` and `nan(…)`, in any case. */
function parseWord(text: string, start: number): NumberRead | undefined {
  const word = text.slice(start, start + 8).toLowerCase();
  if (word === "infinity") return { value: Number.POSITIVE_INFINITY, end: start + 8 };
  if (word.startsWith("inf")) return { value: Number.POSITIVE_INFINITY, end: start + 3 };
  if (!word.startsWith("nan")) return undefined;
  const payload = /^\(\w*\)/.exec(text.slice(start + 3));
  return { value: Number.NaN, end: start + 3 + (payload?.[0].length ?? 0) };
}

function parseHex(text: string, start: number): NumberRead | undefined {
  let digits = "";
  let end = start + 2;
  let scale = 0;
  let seenPoint = false;
  for (; ; end++) {
    const code = text.charCodeAt(end);
    if (code === 46 && !seenPoint) {
      seenPoint = true;
      continue;
    }
    if (digitOf(code) > 15) break;
    digits += text[end];
    if (seenPoint) scale -= 4;
  }
  if (digits === "") return undefined;
  const exponentEnd = skipExponent(text, end, 112);
  if (exponentEnd > end) scale += Math.max(-1e6, Math.min(1e6, Number(text.slice(end + 1, exponentEnd))));
  return { value: scaled(digits, scale), end: exponentEnd };
}

/** A hexadecimal integer times a power of two, rounded once. */
function scaled(digits: string, scale: number): number {
  const whole = BigInt(`0x${digits}`);
  if (whole === 0n) return 0;
  const bits = whole.toString(2).length;
  if (bits + scale > 1025) return Number.POSITIVE_INFINITY;
  // What is kept has the 53 bits of a double, or fewer where doubles are denormal; the rest decides the rounding.
  const kept = Math.min(53, bits + scale + 1074);
  if (kept < 0) return 0;
  const dropped = bits - kept;
  if (dropped <= 0) return Number(whole) * 2 ** Math.max(scale, -1022) * 2 ** Math.min(0, scale + 1022);
  const shift = BigInt(dropped);
  let top = whole >> shift;
  const rest = whole - (top << shift);
  const half = 1n << (shift - 1n);
  if (rest > half || (rest === half && (top & 1n) === 1n)) top++;
  const power = scale + dropped;
  return power > 970
    ? Number(top) * 2 ** 970 * 2 ** (power - 970)
    : Number(top) * 2 ** Math.max(power, -1022) * 2 ** Math.min(0, power + 1022);
}

function skipExponent(text: string, at: number, letter: number): number {
  if ((text.charCodeAt(at) | 32) !== letter) return at;
  const sign = text.charCodeAt(at + 1);
  const from = sign === 43 || sign === 45 ? at + 2 : at + 1;
  const end = skipDigits(text, from);
  return end > from ? end : at;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && !(code >= 9 && code <= 13)) return at;
    at++;
  }
}

/** Only blanks are left, or a NUL. */
function endsAt(text: string, from: number): boolean {
  const at = skipBlanks(text, from);
  return at >= text.length || text.charCodeAt(at) === 0;
}

function hasHexPrefix(text: string, at: number): boolean {
  return text.charCodeAt(at) === 48 && (text.charCodeAt(at + 1) | 32) === 120;
}

/** The value of a digit or letter; 99 if it is neither. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 122 ? letter - 87 : 99;
}
