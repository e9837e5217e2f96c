import { Hash, List, MemberSet, SortedSet, type Value } from "../../../store/index.ts";
import { parseInteger } from "../../../value/index.ts";
import { crc64 } from "./crc64.ts";

/** The version of the format: that of Redis 7.0. */
export const version = 10;

/** How a value is laid out, by the byte in front of it. */
export const kind = {
  string: 0,
  list: 1,
  set: 2,
  hash: 4,
  sortedSet: 5,
  intset: 11,
  hashListpack: 16,
  sortedSetListpack: 17,
  quicklist: 18,
} as const;

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;

/**
 * The payload of DUMP: the value element by element, the version, a checksum. Redis itself would pack small collections and
 * compress long strings; it reads the plain form as well. `undefined` for what has none here: a stream.
 */
export function writePayload(value: Value): string | undefined {
  const body = writeValue(value);
  if (body === undefined) return undefined;
  const payload = `${body}${String.fromCharCode(version, 0)}`;
  return payload + crc64(payload, payload.length);
}

function writeValue(value: Value): string | undefined {
  if (typeof value === "string" || value.type === "string")
    return String.fromCharCode(kind.string) + writeString(value.toString());
  if (value instanceof List) return writeAll(kind.list, value.size, value.range(0, value.size - 1));
  if (value instanceof MemberSet) return writeAll(kind.set, value.size, value.names());
  if (value instanceof Hash) return writeAll(kind.hash, value.size, value.entries());
  return value instanceof SortedSet ? writeSortedSet(value) : undefined;
}

function writeAll(type: number, size: number, strings: readonly string[]): string {
  return String.fromCharCode(type) + writeLength(size) + strings.map(writeString).join("");
}

function writeSortedSet(set: SortedSet): string {
  const scores: number[] = [];
  const members = set.range(0, set.size, scores);
  const bytes = Buffer.alloc(8);
  const parts = members.map((member, at) => {
    bytes.writeDoubleLE(scores[at] as number);
    return writeString(member) + bytes.toString("latin1");
  });
  return String.fromCharCode(kind.sortedSet) + writeLength(set.size) + parts.join("");
}

function writeLength(length: number): string {
  if (length < 64) return String.fromCharCode(length);
  if (length < 16_384) return String.fromCharCode(0x40 | (length >> 8), length & 255);
  const bytes = Buffer.alloc(5, 0x80);
  bytes.writeUInt32BE(length, 1);
  return bytes.toString("latin1");
}

/** Integers of up to 32 bits take one, two or four bytes. */
function writeString(text: string): string {
  const integer = text.length <= 11 ? parseInteger(text) : undefined;
  if (typeof integer !== "number" || integer < int32Min || integer > int32Max) return writeLength(text.length) + text;
  const size = integer >= -128 && integer <= 127 ? 1 : integer >= -32_768 && integer <= 32_767 ? 2 : 4;
  const bytes = Buffer.alloc(1 + size, 0xc0 | (size >> 1));
  bytes.writeIntLE(integer, 1, size);
  return bytes.toString("latin1");
}
