import { Hash, List, MemberSet, SortedSet, Stream, type Value } from "../../../store/index.ts";
import { crc64 } from "./crc64.ts";
import { writeStream } from "./stream-writer.ts";
import { writeLength, writeString } from "./write-string.ts";

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
  stream: 19,
} as const;

/**
 * The payload of DUMP: the value element by element, the version, a checksum. Redis itself would pack small collections and
 * compress long strings; it reads the plain form as well.
 */
export function writePayload(value: Value): string {
  const payload = `${writeValue(value)}${String.fromCharCode(version, 0)}`;
  return payload + crc64(payload, payload.length);
}

function writeValue(value: Value): string {
  if (typeof value === "string" || value.type === "string")
    return String.fromCharCode(kind.string) + writeString(value.toString());
  if (value instanceof List) return writeAll(kind.list, value.size, value.range(0, value.size - 1));
  if (value instanceof MemberSet) return writeAll(kind.set, value.size, value.names());
  if (value instanceof Hash) return writeAll(kind.hash, value.size, value.entries());
  if (value instanceof SortedSet) return writeSortedSet(value);
  if (value instanceof Stream) return String.fromCharCode(kind.stream) + writeStream(value);
  throw new TypeError("There is no way to write this value down.");
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
