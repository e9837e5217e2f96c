import type { Counts } from "./state.ts";

interface Bucket {
  beginsAt: number;
  calls: number;
  failed: number;
  slow: number;
}

/** Counts of the last while, in buckets that are used again, round and round. The same as `totals.lua` does in Redis. */
export class RollingWindow {
  readonly #bucketMs: number;
  readonly #buckets: readonly Bucket[];

  constructor(bucketMs: number, buckets: number) {
    this.#bucketMs = bucketMs;
    this.#buckets = Array.from({ length: buckets }, () => ({ beginsAt: -1, calls: 0, failed: 0, slow: 0 }));
  }

  add(now: number, { calls, failed, slow }: Counts): void {
    const beginsAt = now - (now % this.#bucketMs);
    const bucket = this.#buckets[(beginsAt / this.#bucketMs) % this.#buckets.length] as Bucket;
    if (bucket.beginsAt !== beginsAt) Object.assign(bucket, { beginsAt, calls: 0, failed: 0, slow: 0 });
    bucket.calls += calls;
    bucket.failed += failed;
    bucket.slow += slow;
  }

  /** What the buckets that are not yet over hold together. */
  totals(now: number): Counts {
    const last = now - (now % this.#bucketMs);
    const first = last - this.#bucketMs * (this.#buckets.length - 1);
    const totals = { calls: 0, failed: 0, slow: 0 };
    for (const { beginsAt, calls, failed, slow } of this.#buckets) {
      if (beginsAt < first || beginsAt > last) continue;
      totals.calls += calls;
      totals.failed += failed;
      totals.slow += slow;
    }
    return totals;
  }

  clear(): void {
    for (const bucket of this.#buckets) bucket.beginsAt = -1;
  }
}
