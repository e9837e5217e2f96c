import type { ConsumerGroup } from "./consumer-group.ts";
import { compareIds, compareParts, countUp, MIN_ID, nextId, StreamId, type Uint64 } from "./stream-id.ts";
import { StreamNode } from "./stream-node.ts";
import type { Collection } from "./value.ts";

const bytesOfStream = 144;
const bytesOfNode = 64;
const bytesOfGroup = 160;
const bytesOfPending = 80;

/** What may be removed by a trim: entries beyond a length, or before an id; whole nodes alone, and at most so many entries. */
export interface Trim {
  readonly length: number | undefined;
  readonly before: StreamId;
  readonly approximate: boolean;
  /** 0 for no limit. */
  readonly limit: number;
}

/** Entries in the order of their ids, and the groups that read them. */
export class Stream implements Collection {
  readonly type = "stream";
  readonly encoding = "stream";
  counted = 0;
  lastId: StreamId = MIN_ID;
  /** The largest id that XDEL has deleted. */
  maxDeletedId: StreamId = MIN_ID;
  /** Entries that ever were. */
  entriesAdded: Uint64 = 0;
  readonly groups: Map<string, ConsumerGroup> = new Map();
  #nodes: StreamNode[] = [];
  /** Nodes at the front that are gone. Removed from the array by the dozen, so that trimming need not move it each time. */
  #gone = 0;
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    let bytes = bytesOfStream + this.#bytes + this.nodeCount * bytesOfNode;
    for (const group of this.groups.values()) bytes += bytesOfGroup + group.pending.size * bytesOfPending;
    return bytes;
  }

  /** Keys of Redis' radix tree. */
  get nodeCount(): number {
    return this.#nodes.length - this.#gone;
  }

  /** Runs of entries, as Redis keeps them. */
  nodes(): readonly StreamNode[] {
    return this.#nodes.slice(this.#gone);
  }

  /** First ids of the nodes: what the keys of Redis' radix tree spell. */
  nodeIds(): StreamId[] {
    return this.nodes().map((node) => new StreamId(node.firstMs, node.firstSeq));
  }

  /** The first entry's id, `0-0` if there is none. */
  get firstId(): StreamId {
    return this.#size === 0 ? MIN_ID : (this.#nodes[this.#gone] as StreamNode).id(0);
  }

  /** The id of the last entry that is there, `0-0` if there is none. */
  get topId(): StreamId {
    if (this.#size === 0) return MIN_ID;
    const node = this.#nodes[this.#nodes.length - 1] as StreamNode;
    return node.id(node.length - 1);
  }

  /** Adds an entry after all others: names and values in turn. Its id must be larger than {@link lastId}. */
  append(id: StreamId, items: readonly string[]): void {
    let length = 0;
    for (let at = 0; at < items.length; at++) length += (items[at] as string).length;
    let node = this.nodeCount === 0 ? undefined : this.#nodes[this.#nodes.length - 1];
    if (node === undefined || !node.takes(length)) {
      node?.seal();
      node = new StreamNode(id, items);
      this.#nodes.push(node);
    } else {
      this.#bytes -= node.bytes;
    }
    node.append(id, items);
    this.#bytes += node.bytes;
    this.#size++;
    this.entriesAdded = countUp(this.entriesAdded);
    this.lastId = id;
  }

  /** Takes over entries after all others, those of a restored stream; counters stay. @returns false if they are out of order */
  adopt(node: StreamNode): boolean {
    let before = this.topId;
    const first = new StreamId(node.firstMs, node.firstSeq);
    if (this.#size > 0 && compareIds(first, before) <= 0) return false;
    for (let at = 0; at < node.length; at++) {
      const id = node.id(at);
      if (at === 0 ? compareIds(id, first) < 0 : compareIds(id, before) <= 0) return false;
      before = id;
    }
    // Redis drops a node with its last entry.
    if (node.length === 0) return true;
    this.#nodes.push(node);
    this.#size += node.length;
    this.#bytes += node.bytes;
    return true;
  }

  /** Whether an entry with this id is there. */
  has(id: StreamId): boolean {
    return this.items(id) !== undefined;
  }

  /** Names and values of an entry. */
  items(id: StreamId): string[] | undefined {
    const node = this.#nodes[this.#nodeOf(id)];
    if (node === undefined) return undefined;
    const at = node.indexFrom(id.ms, id.seq);
    return at < node.length && node.ms(at) === id.ms && node.seq(at) === id.seq ? node.items(at) : undefined;
  }

  /** Visits entries from one id to another, both included. */
  cursor(from: StreamId, to: StreamId, reverse = false): StreamCursor {
    if (reverse) {
      let node = this.#nodeOf(to);
      if (node >= this.#nodes.length) node = this.#nodes.length - 1;
      const found = this.#nodes[node];
      const at = found === undefined ? -1 : placeUpTo(found, to);
      return new StreamCursor(this.#nodes, this.#gone, node, at, from, true);
    }
    const node = this.#nodeOf(from);
    const found = this.#nodes[node];
    return new StreamCursor(
      this.#nodes,
      this.#gone,
      node,
      found === undefined ? 0 : found.indexFrom(from.ms, from.seq),
      to,
      false,
    );
  }

  /** @returns whether it was there */
  delete(id: StreamId): boolean {
    const index = this.#nodeOf(id);
    const node = this.#nodes[index];
    if (node === undefined) return false;
    const at = node.indexFrom(id.ms, id.seq);
    if (at === node.length || node.ms(at) !== id.ms || node.seq(at) !== id.seq) return false;
    this.#size--;
    if (node.length === 1) this.#remove(index);
    else node.delete(at, 1);
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    return true;
  }

  /** Removes entries at the front. @returns how many */
  trim(trim: Trim): number {
    let removed = 0;
    while (this.nodeCount > 0) {
      if (trim.length !== undefined && this.#size <= trim.length) break;
      const node = this.#nodes[this.#gone] as StreamNode;
      const count = node.length;
      if (trim.limit !== 0 && removed + count > trim.limit) break;
      const whole = trim.length !== undefined ? this.#size - count >= trim.length : compareIds(node.edge, trim.before) < 0;
      if (whole) {
        this.#remove(this.#gone);
        this.#size -= count;
        removed += count;
        continue;
      }
      if (trim.approximate) break;
      const part = trim.length !== undefined ? this.#size - trim.length : node.indexFrom(trim.before.ms, trim.before.seq);
      if (part > 0) node.delete(0, part);
      this.#size -= part;
      removed += part;
      break;
    }
    return removed;
  }

  copy(): Stream {
    const copy = new Stream();
    copy.lastId = this.lastId;
    copy.maxDeletedId = this.maxDeletedId;
    copy.entriesAdded = this.entriesAdded;
    copy.#nodes = this.#nodes.slice(this.#gone).map((node) => node.copy());
    copy.#size = this.#size;
    copy.#bytes = this.#bytes;
    for (const [name, group] of this.groups) copy.groups.set(name, group.copy());
    return copy;
  }

  /** The first node that may hold an id from this one on: the last that begins at it or before, else the first. */
  #nodeOf(id: StreamId): number {
    let low = this.#gone;
    let high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const node = this.#nodes[middle] as StreamNode;
      if (compareParts(node.firstMs, node.firstSeq, id.ms, id.seq) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > this.#gone ? low - 1 : low;
  }

  #remove(index: number): void {
    this.#bytes -= (this.#nodes[index] as StreamNode).bytes;
    if (index !== this.#gone) {
      this.#nodes.splice(index, 1);
      return;
    }
    (this.#nodes as (StreamNode | undefined)[])[index] = undefined;
    this.#gone++;
    if (this.#gone < 32 && this.#gone < this.#nodes.length) return;
    if (this.#gone * 2 < this.#nodes.length) return;
    this.#nodes = this.#nodes.slice(this.#gone);
    this.#gone = 0;
  }
}

/** Walks over entries. The stream must not change meanwhile. */
export class StreamCursor {
  readonly #nodes: readonly StreamNode[];
  readonly #first: number;
  #node: number;
  #at: number;
  readonly #end: StreamId;
  readonly #reverse: boolean;
  /** The entry it stands at, once {@link next} has been called: its id, and names and values in turn. */
  id: StreamId = MIN_ID;
  items: readonly string[] = [];

  constructor(nodes: readonly StreamNode[], first: number, node: number, at: number, end: StreamId, reverse: boolean) {
    this.#nodes = nodes;
    this.#first = first;
    this.#node = node;
    this.#at = at;
    this.#end = end;
    this.#reverse = reverse;
  }

  /** Goes to the next entry. @returns false if there is none */
  next(): boolean {
    const node = this.#settle();
    if (node === undefined) return false;
    const at = this.#at;
    const beyond = compareParts(node.ms(at), node.seq(at), this.#end.ms, this.#end.seq);
    if (this.#reverse ? beyond < 0 : beyond > 0) return false;
    this.id = node.id(at);
    this.items = node.items(at);
    this.#at += this.#reverse ? -1 : 1;
    return true;
  }

  #settle(): StreamNode | undefined {
    let node = this.#nodes[this.#node];
    if (node === undefined) return undefined;
    if (this.#reverse) {
      if (this.#at >= 0) return node;
      if (this.#node <= this.#first) return undefined;
      node = this.#nodes[--this.#node] as StreamNode;
      this.#at = node.length - 1;
      return node;
    }
    if (this.#at < node.length) return node;
    this.#at = 0;
    return this.#nodes[++this.#node];
  }
}

/** Where the last entry is that is not after the id; -1 if there is none. */
function placeUpTo(node: StreamNode, id: StreamId): number {
  const after = nextId(id);
  return (after === undefined ? node.length : node.indexFrom(after.ms, after.seq)) - 1;
}
