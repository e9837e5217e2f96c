/**
 * A `long double` of C on x86-64, in which INCRBYFLOAT and HINCRBYFLOAT count: `mantissa × 2^exponent`, the mantissa signed and of
 * at most 64 bits. Infinities have an infinite exponent.
 */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const precision = 64;
/** Of the last bit: what is smaller than 2^-16445 is zero, what reaches 2^16384 infinite. */
const exponentMin = -16445;
const exponentMax = 16384 - precision;
/** Powers of ten beyond these need not be worked out to know that nothing, or infinity, is left. */
const powerMin = -4970;
const powerMax = 4940;
/** Redis reads no longer numbers. */
const lengthMax = 5 * 1024;
const decimals = 17;
const scale = 10n ** BigInt(decimals);
const zero: LongDouble = { mantissa: 0n, exponent: 0 };

const decimal = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:e([+-]?\d+))?$/i;
const hexadecimal = /^([+-]?)0x(?:([0-9a-f]+)\.?([0-9a-f]*)|\.([0-9a-f]+))(?:p([+-]?\d+))?$/i;
const infinite = /^([+-]?)inf(?:inity)?$/i;
const wholeMax = 15;

/** Reads a number as Redis reads an increment with a fraction; `undefined` if it is none, or out of range. */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length >= lengthMax) return undefined;
  const match = decimal.exec(text);
  if (match !== null) {
    const [, sign, whole = "", afterWhole = "", alone, power = "0"] = match;
    const fraction = alone ?? afterWhole;
    return signed(sign, readDecimal(BigInt(whole + fraction), Number(power) - fraction.length, whole.length + fraction.length));
  }
  const hex = hexadecimal.exec(text);
  if (hex !== null) {
    const whole = hex[2] ?? "";
    const fraction = hex[2] === undefined ? (hex[4] as string) : (hex[3] as string);
    const digits = BigInt(`0x${whole}${fraction}`);
    const power = Number(hex[5] ?? "0") - 4 * fraction.length;
    if (digits === 0n) return zero;
    if (Math.abs(power) > 1e6) return undefined;
    return signed(hex[1], finite(rounded(digits, power, false)));
  }
  const infinity = infinite.exec(text);
  return infinity === null ? undefined : signed(infinity[1], { mantissa: 1n, exponent: Number.POSITIVE_INFINITY });
}

/** The sum; `undefined` if it is infinite or not a number, which Redis refuses. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (!Number.isFinite(a.exponent) || !Number.isFinite(b.exponent)) return undefined;
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return zero;
  if (sum < 0n) {
    const negated = finite(rounded(-sum, exponent, false));
    return negated === undefined ? undefined : { mantissa: -negated.mantissa, exponent: negated.exponent };
  }
  return finite(rounded(sum, exponent, false));
}

/** Writes it as `%.17Lf` does, without the zeros at its end: the form in which Redis stores it. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const negative = mantissa < 0n;
  const scaled = (negative ? -mantissa : mantissa) * scale;
  const digits = exponent >= 0 ? scaled << BigInt(exponent) : halfEven(scaled, -exponent, false);
  const text = digits.toString().padStart(decimals + 1, "0");
  let end = text.length;
  const point = text.length - decimals;
  while (end > point && text.charCodeAt(end - 1) === 48) end--;
  const trimmed = end === point ? text.slice(0, point) : `${text.slice(0, point)}.${text.slice(point, end)}`;
  return negative && trimmed !== "0" ? `-${trimmed}` : trimmed;
}

function signed(sign: string | undefined, value: LongDouble | undefined): LongDouble | undefined {
  if (value === undefined || sign !== "-") return value;
  return { mantissa: -value.mantissa, exponent: value.exponent };
}

function readDecimal(digits: bigint, power: number, count: number): LongDouble | undefined {
  if (digits === 0n) return zero;
  if (power === 0 && count <= wholeMax) return { mantissa: digits, exponent: 0 };
  if (power > powerMax || power + count < powerMin) return undefined;
  if (power >= 0) return finite(rounded(digits * 10n ** BigInt(power), 0, false));
  const divisor = 10n ** BigInt(-power);
  // Two bits more than are kept: with whether anything is left over, rounding is exact.
  const shift = Math.max(0, precision + 2 + bits(divisor) - bits(digits));
  const dividend = digits << BigInt(shift);
  const quotient = dividend / divisor;
  return finite(rounded(quotient, -shift, quotient * divisor !== dividend));
}

/** What C reports as out of range: infinite, or so small that nothing is left. */
function finite(value: LongDouble): LongDouble | undefined {
  return value.mantissa === 0n || value.exponent > exponentMax ? undefined : value;
}

/** Rounds a positive number to 64 bits, half to even. `more` says that a little was cut off below its last bit. */
function rounded(value: bigint, exponent: number, more: boolean): LongDouble {
  if (value === 0n) return zero;
  const excess = Math.max(bits(value) - precision, exponentMin - exponent);
  if (excess <= 0) {
    const length = bits(value);
    // Kept with all its bits, so that the exponent alone tells what is out of range.
    const shift = Math.min(precision - length, exponent - exponentMin);
    return shift > 0 && exponent > 0
      ? { mantissa: value << BigInt(shift), exponent: exponent - shift }
      : { mantissa: value, exponent };
  }
  const mantissa = halfEven(value, excess, more);
  return bits(mantissa) > precision
    ? { mantissa: mantissa >> 1n, exponent: exponent + excess + 1 }
    : { mantissa, exponent: exponent + excess };
}

/** `value / 2^places`, rounded to the nearest, half to even. */
function halfEven(value: bigint, places: number, more: boolean): bigint {
  const shift = BigInt(places);
  const whole = value >> shift;
  const rest = value - (whole << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (more || (whole & 1n) === 1n));
  return up ? whole + 1n : whole;
}

function bits(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] as string, 16)));
}
