/** Above this a mantissa's power could leave the range in which the products below are exact. */
const EXPONENT_MAX = 512;
/** Splits a double into two halves of 26 bits (Dekker 1971). */
const SPLITTER = 2 ** 27 + 1;

/**
 * C's `pow`, to the last digit where the exponent is a whole number: JavaScript's own is off by one unit in the last place for
 * every tenth power of ten. Other exponents are left to JavaScript.
 *
 * Unlike JavaScript's it is 1 for a base of 1 whatever the exponent, and for -1 to an infinite power.
 */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && (exponent === Number.POSITIVE_INFINITY || exponent === Number.NEGATIVE_INFINITY))) return 1;
  const result = base ** exponent;
  if (!Number.isInteger(exponent) || Math.abs(exponent) > EXPONENT_MAX) return result;
  if (exponent === 2) return base * base;
  if (exponent === 1 || exponent === 0 || exponent === -1) return result;
  // Nothing to improve at the ends of the range; what is whole and small is exact as it is.
  if (!(Math.abs(result) > 1e-290 && Math.abs(result) < 1e290)) return result;
  if (Number.isSafeInteger(result) && Number.isInteger(base)) return result;
  return exactly(base, exponent);
}

/** Squares and multiplies with twice the digits of a double, and rounds at the end. */
function exactly(base: number, exponent: number): number {
  const scale = Math.round(Math.log2(Math.abs(base)));
  let squareHigh = base / 2 ** scale;
  let squareLow = 0;
  let high = 1;
  let low = 0;
  for (let bits = Math.abs(exponent); bits > 0; bits >>>= 1) {
    if ((bits & 1) === 1) {
      const product = high * squareHigh;
      const rest = productRest(high, squareHigh, product) + (high * squareLow + low * squareHigh);
      high = product + rest;
      low = product - high + rest;
    }
    const square = squareHigh * squareHigh;
    const rest = productRest(squareHigh, squareHigh, square) + 2 * squareHigh * squareLow;
    squareHigh = square + rest;
    squareLow = square - squareHigh + rest;
  }
  if (exponent < 0) {
    const inverse = 1 / high;
    const product = inverse * high;
    high = inverse + (1 - product - productRest(inverse, high, product) - inverse * low) / high;
  } else if (low * high > 0 && high + 2 * low - high === 2 * low) {
    // Exactly half way between two doubles, the C library goes away from zero.
    high += 2 * low;
  }
  // Two steps, since the power of two alone may be out of range.
  const half = Math.trunc((scale * exponent) / 2);
  return high * 2 ** half * 2 ** (scale * exponent - half);
}

/** What a product of two doubles lost by rounding. */
function productRest(left: number, right: number, product: number): number {
  const leftSplit = SPLITTER * left;
  const leftHigh = leftSplit - (leftSplit - left);
  const leftLow = left - leftHigh;
  const rightSplit = SPLITTER * right;
  const rightHigh = rightSplit - (rightSplit - right);
  const rightLow = right - rightHigh;
  return leftHigh * rightHigh - product + leftHigh * rightLow + leftLow * rightHigh + leftLow * rightLow;
}
