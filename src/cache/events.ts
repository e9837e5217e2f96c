/** What a cache tells. Each is also published on the `diagnostics_channel` `redlua:cache:<event>`. */
export interface CacheEvents {
  /** A reading was answered from memory or from Redis. */
  readonly hit: { readonly key: string; readonly tier: "memory" | "redis" };
  /** A reading was answered with a value that had ended: another computes it, the factory failed, or took too long. */
  readonly stale: { readonly key: string; readonly tier: "memory" | "redis" };
  /** Neither tier had the value, or only one that has ended. */
  readonly miss: { readonly key: string };
  /** A value was computed; `stored` says whether Redis took it. */
  readonly filled: { readonly key: string; readonly tookMs: number; readonly bytes: number; readonly stored: boolean };
  /** A factory failed, in the background too. */
  readonly failed: { readonly key: string; readonly error: unknown };
  /** A key or a tag was invalidated; `from` says by whom. Not told of a change that failed: that may have been made or not. */
  readonly invalidated: { readonly key?: string; readonly tag?: string; readonly from: "here" | "elsewhere" };
  /** The memory tier was emptied, since changes may have been missed. */
  readonly flushed: { readonly reason: "subscribed" | "restored" | "cleared" };
  /** Redis could not be asked. The cache goes on with its memory and its factories. */
  readonly unavailable: { readonly error: unknown };
}

/** Their names. */
export const cacheEvents = {
  hit: true,
  stale: true,
  miss: true,
  filled: true,
  failed: true,
  invalidated: true,
  flushed: true,
  unavailable: true,
} as const;
