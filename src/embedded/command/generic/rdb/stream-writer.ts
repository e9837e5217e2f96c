import {
  type Consumer,
  type ConsumerGroup,
  compareIds,
  difference,
  MIN_ID,
  type PendingList,
  type Stream,
  StreamId,
  type StreamNode,
} from "../../../store/index.ts";
import { packListpack } from "./pack-listpack.ts";
import { streamFlag } from "./stream-flag.ts";
import { writeLength, writeString } from "./write-string.ts";

/** A stream: its nodes, its counters, its groups. */
export function writeStream(stream: Stream): string {
  const parts = [writeLength(stream.nodeCount)];
  for (const node of stream.nodes()) parts.push(writeLength(16), rawId(firstIdOf(node)), writeText(packNode(node)));
  parts.push(writeLength(stream.size), writeId(stream.lastId), writeId(stream.firstId), writeId(stream.maxDeletedId));
  parts.push(writeLength(stream.entriesAdded), writeLength(stream.groups.size));
  for (const [name, group] of byName(stream.groups)) parts.push(writeString(name), writeGroup(group));
  return parts.join("");
}

function writeGroup({ lastId, entriesRead, pending, consumers }: ConsumerGroup): string {
  const parts = [writeId(lastId), writeLength(entriesRead), writePending(pending, true), writeLength(consumers.size)];
  for (const [name, consumer] of byName(consumers)) parts.push(writeString(name), writeConsumer(consumer));
  return parts.join("");
}

function writeConsumer({ seenAt, pending }: Consumer): string {
  return writeTime(seenAt) + writePending(pending, false);
}

/** What is pending: all about it in the list of the group, its ids in those of the consumers. */
function writePending(pending: PendingList, whole: boolean): string {
  const parts = [writeLength(pending.size)];
  for (const { id, deliveredAt, deliveries } of pending.from(MIN_ID)) {
    parts.push(whole ? rawId(id) + writeTime(deliveredAt) + writeLength(deliveries) : rawId(id));
  }
  return parts.join("");
}

/** The elements of a node: how many entries, how many deleted, the names of its fields, then the entries. */
function packNode(node: StreamNode): string {
  const elements = [String(node.length), String(node.deleted), String(node.names.length), ...node.names, "0"];
  const first = firstIdOf(node);
  const last = node.id(node.length - 1);
  // Redis keeps what was deleted, marked, until the whole node goes, and counts it when it trims and when it begins a new node. Here
  // only the count and the last id are kept, so the marked entries are written empty: all before the others, but for that one.
  const trails = compareIds(node.edge, last) !== 0;
  for (let left = node.deleted - (trails ? 1 : 0); left > 0; left--) pushDeleted(elements, first, node);
  for (let at = 0; at < node.length; at++) pushEntry(elements, node, at);
  if (trails) pushDeleted(elements, node.edge, node);
  return packListpack(elements);
}

function pushEntry(elements: string[], node: StreamNode, at: number): void {
  const named = node.isNamed(at);
  const items = node.items(at);
  pushHead(elements, named ? 0 : streamFlag.sameFields, node.id(at), node);
  if (named) elements.push(String(items.length / 2), ...items);
  else for (let each = 1; each < items.length; each += 2) elements.push(items[each] as string);
  elements.push(String(named ? items.length + 4 : items.length / 2 + 3));
}

function pushDeleted(elements: string[], id: StreamId, node: StreamNode): void {
  pushHead(elements, streamFlag.deleted | streamFlag.sameFields, id, node);
  for (let left = node.names.length; left > 0; left--) elements.push("");
  elements.push(String(node.names.length + 3));
}

function pushHead(elements: string[], flags: number, { ms, seq }: StreamId, node: StreamNode): void {
  elements.push(String(flags), signed(difference(ms, node.firstMs)), signed(difference(seq, node.firstSeq)));
}

function firstIdOf({ firstMs, firstSeq }: StreamNode): StreamId {
  return new StreamId(firstMs, firstSeq);
}

function signed(value: number | bigint): string {
  return String(typeof value === "bigint" ? BigInt.asIntN(64, value) : value);
}

/** An id as 128 bits, the highest first. */
function rawId({ ms, seq }: StreamId): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(BigInt(ms), 0);
  bytes.writeBigUInt64BE(BigInt(seq), 8);
  return bytes.toString("latin1");
}

function writeId({ ms, seq }: StreamId): string {
  return writeLength(ms) + writeLength(seq);
}

/** Whole milliseconds in 64 bits, the lowest byte first. */
function writeTime(ms: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(Math.floor(ms))));
  return bytes.toString("latin1");
}

function writeText(text: string): string {
  return writeLength(text.length) + text;
}

function byName<T>(named: ReadonlyMap<string, T>): [string, T][] {
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1));
}
