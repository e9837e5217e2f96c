/** Registers of a HyperLogLog, 2^14. */
export const registerCount = 16384;
/** Bits of the hash that are left when 14 of its 64 have chosen the register: a register holds up to one more. */
export const restBits = 50;

const alpha = 0.7213475204444817;

/**
 * The number of different elements, from how many registers hold which value: the estimator of Otmar Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (2017), which needs no corrections for small or large numbers.
 */
export function estimate(histogram: readonly number[]): number {
  const m = registerCount;
  let z = m * tau((m - (histogram[restBits + 1] as number)) / m);
  for (let value = restBits; value >= 1; value--) z = (z + (histogram[value] as number)) * 0.5;
  z += m * sigma((histogram[0] as number) / m);
  return Math.round((alpha * m * m) / z);
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (let former = Number.NaN; z !== former; ) {
    x = Math.sqrt(x);
    former = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  for (let former = Number.NaN; z !== former; ) {
    x *= x;
    former = z;
    z += x * y;
    y += y;
  }
  return z;
}
