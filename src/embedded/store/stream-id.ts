/** An unsigned 64-bit integer: a number where that is exact, else a bigint. `<` and `>` compare them in any mix. */
export type Uint64 = number | bigint;

const uint64Max = 2n ** 64n - 1n;

/** The id of an entry: milliseconds, and a sequence number within them. */
export class StreamId {
  readonly ms: Uint64;
  readonly seq: Uint64;

  constructor(ms: Uint64, seq: Uint64) {
    this.ms = ms;
    this.seq = seq;
  }

  toString(): string {
    return `${this.ms}-${this.seq}`;
  }
}

export const MIN_ID: StreamId = new StreamId(0, 0);
export const MAX_ID: StreamId = new StreamId(uint64Max, uint64Max);

/** Negative if the first id is the smaller one, 0 if they are the same. */
export function compareIds(a: StreamId, b: StreamId): number {
  return compareParts(a.ms, a.seq, b.ms, b.seq);
}

export function compareParts(ms: Uint64, seq: Uint64, otherMs: Uint64, otherSeq: Uint64): number {
  if (ms < otherMs) return -1;
  if (ms > otherMs) return 1;
  return seq < otherSeq ? -1 : seq > otherSeq ? 1 : 0;
}

/** The id right after it; `undefined` after the last one. */
export function nextId(id: StreamId): StreamId | undefined {
  if (id.seq !== uint64Max) return new StreamId(id.ms, oneMore(id.seq));
  return id.ms === uint64Max ? undefined : new StreamId(oneMore(id.ms), 0);
}

/** The id right before it; `undefined` before the first one. */
export function previousId(id: StreamId): StreamId | undefined {
  if (id.seq !== 0) return new StreamId(id.ms, oneLess(id.seq));
  return id.ms === 0 ? undefined : new StreamId(oneLess(id.ms), uint64Max);
}

/** A bigint as a number where that is exact. */
export function narrow(value: bigint): Uint64 {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}

export function oneMore(value: Uint64): Uint64 {
  return typeof value === "number" && value < Number.MAX_SAFE_INTEGER ? value + 1 : BigInt(value) + 1n;
}

/** One more on a counter, which wraps around to negative as Redis shows it. */
export function countUp(value: Uint64): Uint64 {
  return typeof value === "number" && value < Number.MAX_SAFE_INTEGER ? value + 1 : narrow(BigInt.asIntN(64, BigInt(value) + 1n));
}

/** `a - b`, exactly. */
export function difference(a: Uint64, b: Uint64): Uint64 {
  return typeof a === "number" && typeof b === "number" ? a - b : narrow(BigInt(a) - BigInt(b));
}

function oneLess(value: Uint64): Uint64 {
  return typeof value === "number" ? value - 1 : narrow(value - 1n);
}

/** Reads an unsigned 64-bit integer of decimal digits alone; `undefined` if it is not one. */
export function parseUint64(digits: string): Uint64 | undefined {
  const { length } = digits;
  if (length === 0) return undefined;
  let value = 0;
  for (let at = 0; at < length; at++) {
    const digit = digits.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  if (length <= 15) return value;
  const exact = BigInt(digits);
  return exact > uint64Max ? undefined : narrow(exact);
}
