/** MurmurHash64A by Austin Appleby, over byte strings, in halves of 32 bits: ten times as fast as with bigints. */

const mHigh = 0xc6a4a793 | 0;
const mLow = 0x5bd1e995;
const mLowLow = mLow & 0xffff;
const mLowHigh = mLow >>> 16;
/** The seed that Redis uses. */
const seed = 0xadc83b19 | 0;

/** The hash that was computed last. Two numbers, because a pair would have to be allocated for each. */
export let hashHigh = 0;
export let hashLow = 0;

/** Computes the hash of a byte string into {@link hashHigh} and {@link hashLow}. */
export function hashOf(text: string): void {
  const { length } = text;
  multiply(0, length);
  let high = hashHigh;
  let low = hashLow ^ seed;
  const whole = length & ~7;
  for (let at = 0; at < whole; at += 8) {
    multiply(word(text, at + 4), word(text, at));
    multiply(hashHigh, hashLow ^ (hashHigh >>> 15));
    multiply(high ^ hashHigh, low ^ hashLow);
    high = hashHigh;
    low = hashLow;
  }
  if (length !== whole) {
    multiply(high ^ word(text, whole + 4), low ^ word(text, whole));
    high = hashHigh;
    low = hashLow;
  }
  multiply(high, low ^ (high >>> 15));
  hashLow ^= hashHigh >>> 15;
}

/** Four bytes, the lowest first; zeros beyond the end. */
function word(text: string, at: number): number {
  return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24);
}

/** Multiplies by the constant of the hash, modulo 2^64. */
function multiply(high: number, low: number): void {
  const a0 = low & 0xffff;
  const a1 = low >>> 16;
  const middle = (a1 * mLowLow + ((a0 * mLowLow) >>> 16)) >>> 0;
  const other = (a0 * mLowHigh + (middle & 0xffff)) >>> 0;
  const carried = a1 * mLowHigh + (middle >>> 16) + (other >>> 16);
  hashHigh = (carried + Math.imul(high, mLow) + Math.imul(low, mHigh)) | 0;
  hashLow = Math.imul(low, mLow);
}
