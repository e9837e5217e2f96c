/** What a cache has done since it was made. Counters only grow. */
export interface CacheStats {
  readonly memory: TierStats & { readonly evictions: number; readonly entries: number; readonly bytes: number };
  readonly redis: TierStats & {
    /** Entries refreshed before their end. */
    readonly early: number;
    readonly bytesRead: number;
    readonly bytesWritten: number;
    /** Calls that failed. */
    readonly errors: number;
  };
  readonly factory: {
    readonly runs: number;
    readonly errors: number;
    /** Time spent in factories, ms. */
    readonly busyMs: number;
    /** Values that were not stored, because the entry was invalidated while they were computed. */
    readonly lost: number;
    /** Callers who waited for a value that this process was computing already. */
    readonly shared: number;
    /** Callers who waited for a value that another process was computing. */
    readonly waited: number;
  };
  /** Readings that found a value, or one that was on its way, of all readings; 0 before the first. */
  readonly hitRatio: number;
}

/** What one tier answered. A memory miss goes on to Redis, a Redis miss to the factory. */
export interface TierStats {
  readonly hits: number;
  readonly misses: number;
  /** Values served after their end. */
  readonly stale: number;
}

/** Counts. Fields are plain numbers: counting must cost nothing. */
export class Counts {
  memoryHits = 0;
  memoryMisses = 0;
  memoryStale = 0;
  /** Values in memory that stood in for what neither Redis nor the factory answered: those readings count as misses already. */
  memoryStoodIn = 0;
  redisHits = 0;
  redisMisses = 0;
  redisStale = 0;
  early = 0;
  bytesRead = 0;
  bytesWritten = 0;
  redisErrors = 0;
  runs = 0;
  factoryErrors = 0;
  busyMs = 0;
  lost = 0;
  shared = 0;
  waited = 0;

  read({
    evictions,
    entries,
    bytes,
  }: {
    readonly evictions: number;
    readonly entries: number;
    readonly bytes: number;
  }): CacheStats {
    const asked = this.memoryHits + this.memoryStale + this.memoryMisses;
    const stale = this.memoryStale + this.memoryStoodIn;
    return {
      memory: { hits: this.memoryHits, misses: this.memoryMisses, stale, evictions, entries, bytes },
      redis: {
        hits: this.redisHits,
        misses: this.redisMisses,
        stale: this.redisStale,
        early: this.early,
        bytesRead: this.bytesRead,
        bytesWritten: this.bytesWritten,
        errors: this.redisErrors,
      },
      factory: {
        runs: this.runs,
        errors: this.factoryErrors,
        busyMs: this.busyMs,
        lost: this.lost,
        shared: this.shared,
        waited: this.waited,
      },
      hitRatio: asked === 0 ? 0 : (asked - this.redisMisses) / asked,
    };
  }
}
