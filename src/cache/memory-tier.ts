import { LRUCache } from "lru-cache";
import type { Epoch } from "./tag-epochs.ts";

/** A value in memory. Times are of this process' own monotonic clock. */
export interface Kept {
  readonly value: unknown;
  /** Until then it is served without asking Redis. */
  readonly freshUntil: number;
  /** Until then it stands in if neither Redis nor the factory answers. */
  readonly staleUntil: number;
  /** It was stale already, and is served only because its factory failed. */
  readonly stale: boolean;
  /** What it is valid under: the cache's epoch, and those of its tags. */
  readonly epochs: readonly Epoch[];
  /** The value as a promise, made once: at a hit nothing is allocated. */
  answer: Promise<unknown> | undefined;
}

/** The memory tier: decoded values, bounded by number and bytes, the least recently used evicted first. */
export class MemoryTier {
  readonly #values: LRUCache<string, Kept>;
  readonly #bytesMax: number;
  /** How many were evicted to make room. */
  evictions = 0;

  constructor(limits: { readonly entries: number; readonly bytes: number }) {
    this.#bytesMax = limits.bytes;
    this.#values = new LRUCache<string, Kept>({
      max: limits.entries,
      maxSize: limits.bytes,
      dispose: (_value, _key, reason) => {
        if (reason === "evict") this.evictions++;
      },
    });
  }

  /** How many values there are. */
  get entries(): number {
    return this.#values.size;
  }

  /** Their size, as it is in Redis. */
  get bytes(): number {
    return this.#values.calculatedSize;
  }

  /** A value that may be served without asking Redis. */
  fresh(key: string): Kept | undefined {
    const kept = this.#values.get(key);
    if (kept === undefined) return undefined;
    const now = performance.now();
    if (now >= kept.freshUntil) return undefined;
    const { epochs } = kept;
    for (let index = 0; index < epochs.length; index++) if (now >= (epochs[index] as Epoch).validUntil) return undefined;
    return kept;
  }

  /** The last value that was seen here, if it was not invalidated and may still stand in. */
  fallback(key: string): Kept | undefined {
    const kept = this.#values.peek(key);
    if (kept === undefined || performance.now() >= kept.staleUntil) return undefined;
    return kept.epochs.every((epoch) => !epoch.replaced) ? kept : undefined;
  }

  /** @param size bytes, of the entry in Redis */
  put(key: string, kept: Kept, size: number): void {
    // What is larger than all there is room for would push out everything else first.
    if (size > this.#bytesMax) this.#values.delete(key);
    else this.#values.set(key, kept, { size });
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }
}
