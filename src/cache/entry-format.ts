import { Buffer } from "node:buffer";
import { bufferOf } from "./codec.ts";

/*
 * An entry in Redis, version 1. Numbers are big-endian.
 *
 *   0  u32  grace: for how long after its end it may be served stale, ms
 *   4  u32  delta: how long its value took to compute, ms
 *   8  u8   version (high half) and flags: 1 has tags, 2 is prolonged by reading, 4 is undefined, 8 is null
 *   9  u24  stamp: tells two entries of the same key apart
 *  12  u32  for how long a reading prolongs it, ms; 0
 *  16  f64  when it ends however often it is read, ms by Redis' clock; 0. Written by the script
 *  24  12×  epoch of the whole cache, as text
 *  36  if it has tags: u8 how many, then for each u16 length, name, 12× epoch
 *  …   what the codec made
 */
const version = 1;
const hasTags = 1;
const isSliding = 2;
const isUndefined = 4;
const isNull = 8;
const fixedBytes = 36;
/** So many bytes tell one entry of a key from all others. */
export const headBytes = 12;
/** Length of an epoch, as text. */
const epochLength = 12;
/** Times are kept in 32 bits: 49 days. */
export const graceMsMax: number = 2 ** 32 - 1;

/** The epochs that a value is bound to: the whole cache's first, then those of its tags. */
export interface Bond {
  readonly tag: string;
  readonly epoch: string;
}

/** What is to be stored. */
export interface EntryFacts {
  readonly graceMs: number;
  readonly deltaMs: number;
  readonly stamp: number;
  /** 0 if reading does not prolong it. */
  readonly slidingMs: number;
  /** The whole cache's first. */
  readonly bonds: readonly Bond[];
  /** What the codec made; `undefined` and `null` are stored as what they are. */
  readonly payload: Uint8Array | string | undefined | null;
}

/** An entry as it was read. */
export interface Entry {
  readonly graceMs: number;
  readonly deltaMs: number;
  readonly bonds: readonly Bond[];
  readonly slidingMs: number;
  /** In bytes. */
  readonly size: number;
  readonly payload: Uint8Array | undefined | null;
}

/** Writes an entry. */
export function writeEntry(facts: EntryFacts): Buffer {
  const { payload, bonds } = facts;
  const tags = bonds.slice(1);
  let size = fixedBytes + (payload == null ? 0 : typeof payload === "string" ? Buffer.byteLength(payload) : payload.byteLength);
  if (tags.length > 0) size += 1;
  for (const { tag } of tags) size += 2 + Buffer.byteLength(tag) + epochLength;
  const entry = Buffer.allocUnsafe(size);
  const kind = payload === undefined ? isUndefined : payload === null ? isNull : 0;
  entry.writeUInt32BE(Math.min(facts.graceMs, graceMsMax), 0);
  entry.writeUInt32BE(Math.min(facts.deltaMs, graceMsMax), 4);
  entry[8] = (version << 4) | kind | (tags.length > 0 ? hasTags : 0) | (facts.slidingMs > 0 ? isSliding : 0);
  entry.writeUIntBE(facts.stamp, 9, 3);
  entry.writeUInt32BE(Math.min(facts.slidingMs, graceMsMax), 12);
  entry.writeDoubleBE(0, 16);
  entry.write(bonds[0]?.epoch ?? "", 24, epochLength, "latin1");
  let at = fixedBytes;
  if (tags.length > 0) {
    entry[at++] = tags.length;
    for (const { tag, epoch } of tags) {
      const length = entry.write(tag, at + 2);
      at = entry.writeUInt16BE(length, at) + length;
      at += entry.write(epoch, at, epochLength, "latin1");
    }
  }
  if (typeof payload === "string") entry.write(payload, at);
  else if (payload) entry.set(payload, at);
  return entry;
}

/** Reads an entry, or answers `undefined` if these bytes are none of this version. */
export function readEntry(stored: Uint8Array): Entry | undefined {
  const entry = bufferOf(stored);
  if (entry.length < fixedBytes || (entry[8] as number) >> 4 !== version) return undefined;
  const flags = entry[8] as number;
  const bonds: Bond[] = [{ tag: everything, epoch: entry.toString("latin1", 24, fixedBytes) }];
  let at = fixedBytes;
  if ((flags & hasTags) !== 0) {
    const count = entry[at++];
    if (count === undefined) return undefined;
    for (let index = 0; index < count; index++) {
      if (at + 2 > entry.length) return undefined;
      const end = at + 2 + entry.readUInt16BE(at);
      if (end + epochLength > entry.length) return undefined;
      bonds.push({ tag: entry.toString("utf8", at + 2, end), epoch: entry.toString("latin1", end, end + epochLength) });
      at = end + epochLength;
    }
  }
  return {
    graceMs: entry.readUInt32BE(0),
    deltaMs: entry.readUInt32BE(4),
    bonds,
    size: entry.length,
    slidingMs: (flags & isSliding) === 0 ? 0 : entry.readUInt32BE(12),
    payload: (flags & isUndefined) !== 0 ? undefined : (flags & isNull) !== 0 ? null : entry.subarray(at),
  };
}

/** The tag that every entry has. No tag of a user is empty. */
export const everything = "";
