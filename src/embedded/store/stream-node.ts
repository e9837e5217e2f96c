import { emptyListpack, listpackInteger, listpackString } from "./listpack-size.ts";
import { compareParts, difference, StreamId, type Uint64 } from "./stream-id.ts";

/** Redis' `stream-node-max-entries` and `stream-node-max-bytes`. */
const entriesMax = 100;
const bytesMax = 4096;

/**
 * A run of entries, up to a hundred, as Redis keeps them in one node of its tree: `MAXLEN ~` removes whole nodes, so their
 * borders show. In columns, because a million small arrays would take twice the memory.
 */
export class StreamNode {
  /** The id that its first entry had, even if that was deleted since. */
  readonly firstMs: Uint64;
  readonly firstSeq: Uint64;
  /** The id of what was added last, even if that was deleted since. */
  edge: StreamId;
  /** Bytes it takes in Redis. What is deleted stays there until the whole node goes. */
  bytes: number;
  #ms: Uint64[] = [];
  #seq: Uint64[] = [];
  /** Values of all entries; names as well where they are not those of the first entry. */
  #items: string[] = [];
  /** Where the items of an entry end. */
  #ends: number[] = [];
  readonly #names: readonly string[];
  /** For each entry whether its names are among its items; `undefined` while none has any. */
  #named: boolean[] | undefined;
  #deleted = 0;

  constructor(id: StreamId, items: readonly string[]) {
    this.firstMs = id.ms;
    this.firstSeq = id.seq;
    this.edge = id;
    const names: string[] = [];
    let bytes = emptyListpack + 3 * 2 + listpackInteger(items.length / 2);
    for (let at = 0; at < items.length; at += 2) {
      names.push(items[at] as string);
      bytes += listpackString(items[at] as string);
    }
    this.#names = names;
    this.bytes = bytes;
  }

  /** Entries that are not deleted. */
  get length(): number {
    return this.#ms.length;
  }

  /** Names of the fields of its first entry. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Entries that were deleted and still take their place. */
  get deleted(): number {
    return this.#deleted;
  }

  /** Whether an entry has other names than {@link names}. */
  isNamed(at: number): boolean {
    return this.#named?.[at] === true;
  }

  /** Whether an entry of so many bytes still goes into it. */
  takes(bytes: number): boolean {
    return this.bytes + bytes < bytesMax && this.#ms.length + this.#deleted < entriesMax;
  }

  /** Adds an entry after all others: names and values in turn. */
  append(id: StreamId, items: readonly string[]): void {
    const named = !this.#sameNames(items);
    const pairs = items.length / 2;
    let bytes =
      2 + listpackInteger(difference(id.ms, this.firstMs)) + listpackInteger(asSigned(difference(id.seq, this.firstSeq)));
    if (named) {
      this.#named ??= new Array(this.#ms.length).fill(false);
      bytes += listpackInteger(pairs) + listpackInteger(2 * pairs + 4);
      for (const item of items) {
        this.#items.push(item);
        bytes += listpackString(item);
      }
    } else {
      bytes += listpackInteger(pairs + 3);
      for (let at = 1; at < items.length; at += 2) {
        const value = items[at] as string;
        this.#items.push(value);
        bytes += listpackString(value);
      }
    }
    this.#named?.push(named);
    this.#ms.push(id.ms);
    this.#seq.push(id.seq);
    this.#ends.push(this.#items.length);
    this.edge = id;
    this.bytes += bytes;
  }

  /** Gives back what the arrays have reserved: nothing more comes in. */
  seal(): void {
    this.#ms = this.#ms.slice();
    this.#seq = this.#seq.slice();
    this.#items = this.#items.slice();
    this.#ends = this.#ends.slice();
  }

  ms(at: number): Uint64 {
    return this.#ms[at] as Uint64;
  }

  seq(at: number): Uint64 {
    return this.#seq[at] as Uint64;
  }

  id(at: number): StreamId {
    return new StreamId(this.#ms[at] as Uint64, this.#seq[at] as Uint64);
  }

  /** Names and values of an entry in turn. */
  items(at: number): string[] {
    const start = at === 0 ? 0 : (this.#ends[at - 1] as number);
    const end = this.#ends[at] as number;
    if (this.isNamed(at)) return this.#items.slice(start, end);
    const names = this.#names;
    const items: string[] = [];
    for (let each = 0; each < names.length; each++) items.push(names[each] as string, this.#items[start + each] as string);
    return items;
  }

  /** Where the first entry is that is not before the id; its length if there is none. */
  indexFrom(ms: Uint64, seq: Uint64): number {
    let low = 0;
    let high = this.#ms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareParts(this.#ms[middle] as Uint64, this.#seq[middle] as Uint64, ms, seq) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Deletes entries. Their bytes stay. */
  delete(at: number, count: number): void {
    const start = at === 0 ? 0 : (this.#ends[at - 1] as number);
    const removed = (this.#ends[at + count - 1] as number) - start;
    this.#items.splice(start, removed);
    this.#ms.splice(at, count);
    this.#seq.splice(at, count);
    this.#ends.splice(at, count);
    this.#named?.splice(at, count);
    for (let each = at; each < this.#ends.length; each++) this.#ends[each] = (this.#ends[each] as number) - removed;
    this.#deleted += count;
  }

  copy(): StreamNode {
    const copy = new StreamNode(
      new StreamId(this.firstMs, this.firstSeq),
      this.#names.flatMap((name) => [name, ""]),
    );
    copy.edge = this.edge;
    copy.bytes = this.bytes;
    copy.#ms = this.#ms.slice();
    copy.#seq = this.#seq.slice();
    copy.#items = this.#items.slice();
    copy.#ends = this.#ends.slice();
    copy.#named = this.#named?.slice();
    copy.#deleted = this.#deleted;
    return copy;
  }

  #sameNames(items: readonly string[]): boolean {
    const names = this.#names;
    if (items.length !== 2 * names.length) return false;
    for (let at = 0; at < names.length; at++) if (items[2 * at] !== names[at]) return false;
    return true;
  }
}

/** A difference of unsigned integers as Redis stores it: in 64 bits with a sign. */
function asSigned(value: Uint64): Uint64 {
  return typeof value === "bigint" ? BigInt.asIntN(64, value) : value;
}
