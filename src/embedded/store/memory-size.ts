import type { GrowingBytes } from "./growing-bytes.ts";
import type { Value } from "./value.ts";

// Sizes are those of a 64-bit Redis 7.0 with jemalloc, so that a maxmemory means here what it means there.
const objectHeader = 16;
const tableEntry = 24;
/** What MEMORY USAGE leaves out: the entry's rest up to its allocation, and its place in the table. */
const tableRest = 16;
/** What an expiry takes: an entry of a table of its own, which shares the key. */
export const sizeOfExpiry = 40;
const embeddedMax = 44;

/** Bytes that jemalloc takes for so many: steps of 16, above 128 four steps to each power of two. */
function allocated(bytes: number): number {
  if (bytes <= 8) return 8;
  if (bytes <= 128) return (bytes + 15) & ~15;
  const step = 2 ** Math.max(4, 29 - Math.clz32(bytes - 1));
  return Math.ceil(bytes / step) * step;
}

/** Bytes of a dynamic string: its text, a header by its length, and a zero. */
function dynamicString(length: number): number {
  const header = length < 32 ? 1 : length < 256 ? 3 : length < 65_536 ? 5 : length < 2 ** 32 ? 9 : 17;
  return allocated(length + header + 1);
}

/** Bytes that a key and its place take, without its value. */
export function sizeOfKey(key: string): number {
  return dynamicString(key.length) + tableEntry;
}

/** Bytes that a value takes, by the estimate of its own if it is a collection. */
export function sizeOfValue(value: Value): number {
  if (typeof value === "string") {
    const length = value.length;
    if (length <= 20 && looksInteger(value)) return objectHeader;
    if (length <= embeddedMax) return allocated(objectHeader + 4 + length);
    return objectHeader + (length < 256 ? allocated(length + 4) : dynamicString(length));
  }
  if (value.type !== "string") return objectHeader + value.bytes;
  return objectHeader + dynamicString(Math.max(32, (value as GrowingBytes).length));
}

/** What the keyspace counts for a key besides its value. */
export function sizeOfEntry(key: string): number {
  return sizeOfKey(key) + tableRest;
}

// Good enough for an estimate, and without building a number.
function looksInteger(text: string): boolean {
  const first = text.charCodeAt(0);
  if (!(first >= 48 && first <= 57) && first !== 45) return false;
  for (let at = 1; at < text.length; at++) {
    const digit = text.charCodeAt(at);
    if (digit < 48 || digit > 57) return false;
  }
  return first !== 45 || text.length > 1;
}
