import { Refusal } from "../../value/index.ts";

/** What is found where the bytes of a HyperLogLog do not make up all its registers. */
export const corrupted: Refusal = new Refusal("INVALIDOBJ Corrupted HLL object detected");

/** `HYLL`, a byte for the form, three that are zero, and eight for the count that was computed last. */
export const headerBytes = 16;
/** Bytes of the dense form: six bits for each register. */
export const denseBytes: number = headerBytes + 12288;

/** The forms, as the fifth byte tells them. */
export const form = { dense: 0, sparse: 1 } as const;

const formAt = 4;
const countAt = 8;
const lastOfCount = 15;
const outOfDate = 0x80;

/** Whether bytes begin as those of a HyperLogLog do. */
export function isSketch(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes) return false;
  if (bytes[0] !== 0x48 || bytes[1] !== 0x59 || bytes[2] !== 0x4c || bytes[3] !== 0x4c) return false;
  const kind = bytes[formAt] as number;
  return kind === form.dense ? bytes.length === denseBytes : kind === form.sparse;
}

/** A header with nothing after it, whose count is that of nothing. */
export function writeHeader(bytes: Uint8Array, kind: number): void {
  bytes.set([0x48, 0x59, 0x4c, 0x4c, kind]);
}

export function isDense(bytes: Uint8Array): boolean {
  return bytes[formAt] === form.dense;
}

export function setForm(bytes: Uint8Array, kind: number): void {
  bytes[formAt] = kind;
}

/** The count that was computed last, if it still holds. */
export function keptCount(bytes: Uint8Array): number | bigint | undefined {
  if (((bytes[lastOfCount] as number) & outOfDate) !== 0) return undefined;
  let count = 0;
  for (let at = lastOfCount; at >= countAt; at--) count = count * 256 + (bytes[at] as number);
  if (Number.isSafeInteger(count)) return count;
  // No count is as large: someone has written into it, as into any string.
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(countAt, true);
}

export function keepCount(bytes: Uint8Array, count: number): void {
  let rest = count;
  for (let at = countAt; at <= lastOfCount; at++) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

export function dropCount(bytes: Uint8Array): void {
  bytes[lastOfCount] = (bytes[lastOfCount] as number) | outOfDate;
}
