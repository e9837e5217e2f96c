import { refusals } from "./refusals.ts";
import type { Refusal } from "./reply.ts";

const longestSafe = 15;
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

/**
 * Reads a 64-bit integer as strictly as Redis does: no plus sign, blanks or leading zeros. A number where that is exact,
 * else a bigint; `undefined` if it is not one.
 */
export function parseInteger(text: string): number | bigint | undefined {
  const length = text.length;
  if (length === 0 || length > 20) return undefined;
  let at = 0;
  const negative = text.charCodeAt(0) === 45;
  if (negative) at = 1;
  const digits = length - at;
  const first = text.charCodeAt(at);
  if (first === 48) return digits === 1 && !negative ? 0 : undefined;
  if (!(first >= 49 && first <= 57)) return undefined;
  let value = first - 48;
  for (let i = at + 1; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  if (digits <= longestSafe) return negative ? -value : value;
  const exact = BigInt(text);
  if (exact > int64Max || exact < int64Min) return undefined;
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/**
 * An integer argument as a number; beyond 2^53 the nearest one, which is enough for offsets, counts and limits.
 *
 * @throws {Refusal} `ERR value is not an integer or out of range`, or the one given.
 */
export function integerArgument(text: string | undefined, refusal: Refusal = refusals.notInteger): number {
  const value = text === undefined ? undefined : parseInteger(text);
  if (value === undefined) throw refusal;
  return typeof value === "bigint" ? Number(value) : value;
}

/** An integer argument, exact over the whole 64-bit range. */
export function exactIntegerArgument(text: string | undefined, refusal: Refusal = refusals.notInteger): bigint {
  const value = text === undefined ? undefined : parseInteger(text);
  if (value === undefined) throw refusal;
  return BigInt(value);
}

/** Answers an exact integer as a number where that loses nothing. */
export function integerReply(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/** True if the sum or product left the range of a signed 64-bit integer. */
export function overflows(value: bigint): boolean {
  return value > int64Max || value < int64Min;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const infinite = /^[+-]?inf(?:inity)?$/i;
const hexadecimal = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;

/** Reads a double as C's `strtod` does where Redis asks for one: infinities and hexadecimal count, blanks and NaN do not. */
export function parseDouble(text: string): number | undefined {
  // Nearly all scores are whole numbers.
  const integer = parseInteger(text);
  if (typeof integer === "number") return integer;
  if (decimal.test(text)) {
    const value = Number(text);
    // What is too small for a double is refused as is what is too large: digits must not be lost to nothing.
    return Number.isFinite(value) && (value !== 0 || isZero(text)) ? value : undefined;
  }
  if (infinite.test(text)) return text.charCodeAt(0) === 45 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const hex = hexadecimal.exec(text);
  if (hex === null) return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = hex;
  if (whole === "" && fraction === "") return undefined;
  const value = Number.parseInt(whole + fraction, 16) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}

/** True if no digit before the exponent is other than 0. */
function isZero(decimalText: string): boolean {
  for (let at = 0; at < decimalText.length; at++) {
    const char = decimalText.charCodeAt(at);
    if (char >= 49 && char <= 57) return false;
    if (char === 101 || char === 69) return true;
  }
  return true;
}

/** @throws {Refusal} `ERR value is not a valid float`, or the one given. */
export function doubleArgument(text: string | undefined, refusal: Refusal = refusals.notFloat): number {
  const value = text === undefined ? undefined : parseDouble(text);
  if (value === undefined) throw refusal;
  return value;
}
