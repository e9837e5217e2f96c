/** How one conversion of C's printf is to be written: what stands between `%` and its letter. */
export interface Conversion {
  /** `-`: filled up on the right. */
  readonly left: boolean;
  /** `+`: a sign before positive numbers too. */
  readonly plus: boolean;
  /** A space where a sign would be. */
  readonly space: boolean;
  /** `#`: `0x` before hexadecimal, `0` before octal, a point even without decimals. */
  readonly alternate: boolean;
  /** `0`: filled up with zeros. */
  readonly zero: boolean;
  /** At least so many characters. */
  readonly width: number;
  /** Digits; -1 when it is left out. */
  readonly precision: number;
}

const GENERAL: Conversion = { left: false, plus: false, space: false, alternate: false, zero: false, width: 0, precision: 17 };
const GENERAL_14: Conversion = { ...GENERAL, precision: 14 };

/**
 * A number as `tostring` and `..` write it: C's `%.14g`.
 *
 * The sign of a NaN is not kept by JavaScript: every NaN is written `-nan`, as x86 processors make them.
 */
export function formatNumber14(value: number): string {
  if (Number.isInteger(value) && value < 1e14 && value > -1e14 && (value !== 0 || 1 / value > 0)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e14) {
    // The shortest text that reads back as the number is the nearest with 14 digits as well, if it has no more than those.
    const shortest = String(value);
    if (shortest.length <= 15) return shortest;
  }
  return formatFloat("g", value, GENERAL_14);
}

/** A number so that reading it gives the same number: C's `%.17g`. It is how numbers are handed to commands. */
export function formatNumber17(value: number): string {
  if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) return String(value);
  return formatFloat("g", value, GENERAL);
}

/** Writes a number as C's `%e`, `%f`, `%g`, `%E` or `%G` would, to the last digit: halves go to the even neighbour. */
export function formatFloat(letter: string, value: number, how: Conversion): string {
  const lower = letter.toLowerCase();
  const negative = value < 0 || Object.is(value, -0) || Number.isNaN(value);
  const sign = negative ? "-" : how.plus ? "+" : how.space ? " " : "";
  let body: string;
  if (Number.isFinite(value)) {
    const precision = how.precision < 0 ? 6 : how.precision;
    const size = Math.abs(value);
    if (lower === "f") body = fixed(size, precision, how.alternate);
    else if (lower === "e") body = scientific(significant(size, precision + 1), how.alternate);
    else body = general(size, precision === 0 ? 1 : precision, how.alternate);
  } else body = Number.isNaN(value) ? "nan" : "inf";
  const text = pad(sign, body, Number.isFinite(value) ? how : { ...how, zero: false });
  return letter === lower ? text : text.toUpperCase();
}

/** Fills a number up to its width: zeros go between sign and digits. */
export function pad(sign: string, body: string, how: Conversion): string {
  const missing = how.width - sign.length - body.length;
  if (missing <= 0) return sign + body;
  if (how.left) return sign + body + " ".repeat(missing);
  return how.zero ? sign + "0".repeat(missing) + body : " ".repeat(missing) + sign + body;
}

interface Digits {
  /** As many as were asked for; the first one is not 0, unless the number is. */
  readonly digits: string;
  /** The power of ten of the first one. */
  readonly exponent: number;
}

function general(size: number, precision: number, alternate: boolean): string {
  const { digits: kept, exponent } = significant(size, precision);
  if (exponent < -4 || exponent >= precision) {
    return scientific({ digits: alternate ? kept : withoutZeros(kept, 1), exponent }, alternate);
  }
  const digits = exponent < 0 ? "0".repeat(-exponent) + kept : kept;
  const whole = exponent < 0 ? 1 : exponent + 1;
  const decimals = alternate ? digits.slice(whole) : withoutZeros(digits.slice(whole), 0);
  return digits.slice(0, whole) + (decimals !== "" || alternate ? `.${decimals}` : "");
}

function scientific({ digits, exponent }: Digits, alternate: boolean): string {
  const power = Math.abs(exponent);
  const point = digits.length > 1 || alternate ? "." : "";
  return `${digits[0]}${point}${digits.slice(1)}e${exponent < 0 ? "-" : "+"}${power < 10 ? "0" : ""}${power}`;
}

function withoutZeros(digits: string, from: number): string {
  let end = digits.length;
  while (end > from && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

function fixed(size: number, precision: number, alternate: boolean): string {
  const digits = rounded(size, precision)
    .toString()
    .padStart(precision + 1, "0");
  const whole = digits.length - precision;
  return digits.slice(0, whole) + (precision > 0 || alternate ? `.${digits.slice(whole)}` : "");
}

/** The first `count` digits of a number, rounded. */
function significant(size: number, count: number): Digits {
  if (size === 0) return { digits: "0".repeat(count), exponent: 0 };
  // toExponential rounds halves up. More digits than needed show whether the number may lie half way between two.
  if (count < 90 && !size.toExponential(count + 9).startsWith("5000000000", count + 1)) {
    const text = size.toExponential(count - 1);
    const mark = text.indexOf("e");
    return { digits: text[0] + text.slice(2, mark), exponent: Number(text.slice(mark + 1)) };
  }
  let exponent = Number(size.toExponential().split("e")[1]);
  let digits = rounded(size, count - 1 - exponent).toString();
  if (digits.length > count) {
    exponent++;
    digits = digits.slice(0, count);
  }
  return { digits, exponent };
}

const view = new DataView(new ArrayBuffer(8));

/** `size` times ten to the power of `places`, exactly, rounded to an integer; halves to the even one. */
function rounded(size: number, places: number): bigint {
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const power = Number(bits >> 52n);
  let above = power === 0 ? bits : (bits & 0xfffffffffffffn) | 0x10000000000000n;
  let below = 1n;
  const two = (power === 0 ? 1 : power) - 1075;
  if (two >= 0) above <<= BigInt(two);
  else below <<= BigInt(-two);
  if (places >= 0) above *= 10n ** BigInt(places);
  else below *= 10n ** BigInt(-places);
  const whole = above / below;
  const doubled = (above - whole * below) * 2n;
  return doubled > below || (doubled === below && (whole & 1n) === 1n) ? whole + 1n : whole;
}
