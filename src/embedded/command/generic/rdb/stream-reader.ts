import { ConsumerGroup, narrow, type Pending, Stream, StreamId, StreamNode, type Uint64 } from "../../../store/index.ts";
import { unpackListpack } from "./packed.ts";
import { readBytes, readLength, readString, readUint64 } from "./read-string.ts";
import { BadPayload, type Source } from "./source.ts";
import { streamFlag } from "./stream-flag.ts";

/** A stream: its nodes, its counters, its groups. */
export function readStream(source: Source): Stream {
  const stream = new Stream();
  for (let left = readLength(source); left > 0; left--) readNode(source, stream);
  if (readLength(source) !== stream.size) throw new BadPayload("A stream does not have as many entries as it says.");
  stream.lastId = readId(source);
  // The first id is that of the first entry.
  readId(source);
  stream.maxDeletedId = readId(source);
  stream.entriesAdded = asSigned(readUint64(source));
  for (let left = readLength(source); left > 0; left--) {
    const name = readString(source);
    if (stream.groups.has(name)) throw new BadPayload("A stream has a group twice.");
    stream.groups.set(name, readGroup(source));
  }
  return stream;
}

function readNode(source: Source, stream: Stream): void {
  const key = readBytes(source);
  if (key.length !== 16) throw new BadPayload("A stream's node is not under an id.");
  const first = rawId(key);
  const elements = new Elements(unpackListpack(readBytes(source)));
  // How many there are, and how many of them are deleted.
  let left = elements.count() + elements.count();
  const names = elements.take(elements.count());
  elements.next();
  const node = new StreamNode(
    first,
    names.flatMap((name) => [name, ""]),
  );
  for (; left > 0; left--) readEntry(elements, node, names, first);
  if (!elements.ended) throw new BadPayload("A stream's node holds more than it says.");
  if (!stream.adopt(node)) throw new BadPayload("A stream's entries are not in the order of their ids.");
}

function readEntry(elements: Elements, node: StreamNode, names: readonly string[], first: StreamId): void {
  const flags = elements.count();
  const id = new StreamId(sum(first.ms, elements.next()), sum(first.seq, elements.next()));
  const items =
    (flags & streamFlag.sameFields) === 0
      ? elements.take(2 * elements.count())
      : elements.take(names.length).flatMap((value, at) => [names[at] as string, value]);
  // How many elements the entry has, for going backwards.
  elements.next();
  node.append(id, items);
  if ((flags & streamFlag.deleted) !== 0) node.delete(node.length - 1, 1);
}

function readGroup(source: Source): ConsumerGroup {
  const group = new ConsumerGroup(readId(source), asSigned(readUint64(source)));
  const pending = new Map<string, Omit<Pending, "consumer">>();
  for (let left = readLength(source); left > 0; left--) {
    const id = rawId(source.take(16));
    pending.set(id.toString(), { id, deliveredAt: readTime(source), deliveries: readUint64(source) });
  }
  for (let left = readLength(source); left > 0; left--) {
    const name = readString(source);
    if (group.consumers.has(name)) throw new BadPayload("A group has a consumer twice.");
    const consumer = group.createConsumer(name, readTime(source));
    for (let owned = readLength(source); owned > 0; owned--) {
      const id = rawId(source.take(16)).toString();
      const known = pending.get(id);
      if (known === undefined) throw new BadPayload("What is pending for a consumer is not pending in its group.");
      pending.delete(id);
      group.add(known.id, consumer, known.deliveredAt, known.deliveries);
    }
  }
  if (pending.size > 0) throw new BadPayload("What is pending in a group is pending for no consumer.");
  return group;
}

function readId(source: Source): StreamId {
  return new StreamId(readUint64(source), readUint64(source));
}

function rawId(bytes: Buffer): StreamId {
  return new StreamId(narrow(bytes.readBigUInt64BE(0)), narrow(bytes.readBigUInt64BE(8)));
}

/** Whole milliseconds in 64 bits, the lowest byte first. */
function readTime(source: Source): number {
  return Number(source.take(8).readBigInt64LE());
}

function asSigned(value: Uint64): Uint64 {
  return typeof value === "bigint" ? narrow(BigInt.asIntN(64, value)) : value;
}

/** An id's part from that of the node's first id and how far it is from it. */
function sum(first: Uint64, distance: string): Uint64 {
  if (!/^-?\d+$/.test(distance)) throw new BadPayload("Where a stream's id was expected there is a text.");
  return narrow(BigInt.asUintN(64, BigInt(first) + BigInt(distance)));
}

/** The elements of a node, one after the other, and never beyond their end. */
class Elements {
  readonly #all: readonly string[];
  #at = 0;

  constructor(all: readonly string[]) {
    this.#all = all;
  }

  get ended(): boolean {
    return this.#at === this.#all.length;
  }

  next(): string {
    return this.take(1)[0] as string;
  }

  take(count: number): string[] {
    if (this.#at + count > this.#all.length) throw new BadPayload("A stream's node ends too early.");
    const taken = this.#all.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  count(): number {
    const count = Number(this.next());
    if (!Number.isInteger(count) || count < 0)
      throw new BadPayload("A stream's node does not say how many there are of something.");
    return count;
  }
}
