import type { Consumer } from "./consumer-group.ts";
import { compareIds, type StreamId, type Uint64 } from "./stream-id.ts";

/** An entry that was delivered and not yet acknowledged. */
export interface Pending {
  readonly id: StreamId;
  consumer: Consumer;
  /** Milliseconds since 1970. */
  deliveredAt: number;
  /** How often it was delivered. */
  deliveries: Uint64;
}

/** A chunk of this length is cut in two. */
const chunkMax = 256;

/** Pending entries in the order of their ids: chunks of a sorted array, so that a million of them still go in and out fast. */
export class PendingList {
  readonly #chunks: Pending[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Pending | undefined {
    return this.#chunks[0]?.[0];
  }

  get last(): Pending | undefined {
    return this.#chunks.at(-1)?.at(-1);
  }

  find(id: StreamId): Pending | undefined {
    const chunk = this.#chunks[this.#chunkOf(id)];
    if (chunk === undefined) return undefined;
    const found = chunk[placeIn(chunk, id)];
    return found !== undefined && compareIds(found.id, id) === 0 ? found : undefined;
  }

  /** Adds one whose id is not there yet. */
  add(pending: Pending): void {
    this.#size++;
    const at = this.#chunkOf(pending.id);
    const chunk = this.#chunks[at] ?? this.#chunks.at(-1);
    if (chunk === undefined) {
      this.#chunks.push([pending]);
    } else if (at === this.#chunks.length) {
      if (chunk.length < chunkMax) chunk.push(pending);
      else this.#chunks.push([pending]);
    } else {
      chunk.splice(placeIn(chunk, pending.id), 0, pending);
      if (chunk.length > chunkMax) this.#chunks.splice(at + 1, 0, chunk.splice(chunkMax / 2));
    }
  }

  /** Removes the one with this id. @returns whether it was there */
  remove(id: StreamId): boolean {
    const at = this.#chunkOf(id);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const place = placeIn(chunk, id);
    if (compareIds((chunk[place] as Pending).id, id) !== 0) return false;
    if (place === 0) chunk.shift();
    else chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
    return true;
  }

  /** Those from an id on, in order. The list must not change meanwhile: collect first. */
  *from(id: StreamId): Generator<Pending> {
    let at = this.#chunkOf(id);
    const first = this.#chunks[at];
    if (first === undefined) return;
    for (let place = placeIn(first, id); place < first.length; place++) yield first[place] as Pending;
    for (at++; at < this.#chunks.length; at++) yield* this.#chunks[at] as Pending[];
  }

  /** The first chunk whose last id is not before this one. */
  #chunkOf(id: StreamId): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle] as Pending[];
      if (compareIds((chunk[chunk.length - 1] as Pending).id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the first one is that is not before the id. */
function placeIn(chunk: readonly Pending[], id: StreamId): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds((chunk[middle] as Pending).id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
