import { Hash, List, MemberSet, SortedSet, type Value } from "../../../store/index.ts";
import { parseDouble } from "../../../value/index.ts";
import { crc64 } from "./crc64.ts";
import { unpackIntset, unpackListpack } from "./packed.ts";
import { readBytes, readLength, readString } from "./read-string.ts";
import { BadPayload, Source } from "./source.ts";
import { readStream } from "./stream-reader.ts";
import { kind, version } from "./writer.ts";

const trailer = 10;

/** Whether the payload ends in a version that can be read, and in its checksum. */
function isSound(payload: string): boolean {
  const end = payload.length - trailer;
  if (end < 0) return false;
  const written = payload.charCodeAt(end) | (payload.charCodeAt(end + 1) << 8);
  return written <= version && crc64(payload, end + 2) === payload.slice(end + 2);
}

/**
 * The value in a payload of DUMP; `undefined` if its version or checksum is wrong.
 *
 * @throws {BadPayload} if what it holds is not known here
 */
export function readPayload(payload: string): Value | undefined {
  if (!isSound(payload)) return undefined;
  const source = new Source(Buffer.from(payload.slice(0, -trailer), "latin1"));
  const value = readValue(source, source.byte());
  if (!source.ended || isVoid(value)) {
    throw new BadPayload("The payload does not hold one value.");
  }
  return value;
}

/** Only a string and a stream may hold nothing. */
function isVoid(value: Value): boolean {
  return typeof value === "object" && value.type !== "string" && value.type !== "stream" && value.size === 0;
}

function readValue(source: Source, type: number): Value {
  switch (type) {
    case kind.string:
      return readString(source);
    case kind.list:
      return listOf(readStrings(source));
    case kind.quicklist:
      return listOf(readQuicklist(source));
    case kind.set:
      return setOf(readStrings(source));
    case kind.intset:
      return setOf(unpackIntset(readBytes(source)));
    case kind.hash:
      return unpackedHashOf(readStrings(source, 2));
    case kind.hashListpack:
      return hashOf(unpackListpack(readBytes(source)));
    case kind.sortedSet:
      return sortedSetOf(readScored(source));
    case kind.sortedSetListpack:
      return sortedSetOf(unpackListpack(readBytes(source)));
    case kind.stream:
      return readStream(source);
    default:
      throw new BadPayload(`Values of type ${type} cannot be restored here.`);
  }
}

function readStrings(source: Source, each = 1): string[] {
  const strings: string[] = [];
  for (let left = readLength(source) * each; left > 0; left--) strings.push(readString(source));
  return strings;
}

function readQuicklist(source: Source): string[] {
  const elements: string[] = [];
  for (let left = readLength(source); left > 0; left--) {
    const packed = readLength(source) === 2;
    if (!packed) elements.push(readString(source));
    else for (const element of unpackListpack(readBytes(source))) elements.push(element);
  }
  return elements;
}

function readScored(source: Source): string[] {
  const members: string[] = [];
  for (let left = readLength(source); left > 0; left--) members.push(readString(source), String(source.take(8).readDoubleLE()));
  return members;
}

function listOf(elements: readonly string[]): List {
  const list = new List();
  for (const element of elements) list.pushRight(element);
  return list;
}

function setOf(members: readonly string[]): MemberSet {
  const set = new MemberSet();
  for (const member of members) if (!set.add(member)) throw new BadPayload("A set holds a member twice.");
  return set;
}

function hashOf(entries: readonly string[]): Hash {
  const hash = new Hash();
  for (let at = 0; at < entries.length; at += 2) {
    const value = entries[at + 1];
    if (value === undefined || !hash.set(entries[at] as string, value)) throw new BadPayload("A hash holds a field twice.");
  }
  return hash;
}

function unpackedHashOf(entries: readonly string[]): Hash {
  const hash = hashOf(entries);
  for (const text of entries) hash.expect(text);
  return hash;
}

function sortedSetOf(entries: readonly string[]): SortedSet {
  const scores = new Map<string, number>();
  for (let at = 0; at < entries.length; at += 2) {
    const text = entries[at + 1];
    const score = text === undefined ? undefined : parseDouble(text);
    if (score === undefined || scores.has(entries[at] as string)) throw new BadPayload("A sorted set holds a member twice.");
    scores.set(entries[at] as string, score);
  }
  return SortedSet.of(scores);
}
