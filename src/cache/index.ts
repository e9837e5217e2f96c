/**
 * Caches: a hybrid one (memory over Redis) that computes each value once, and a bounded one that lives in Redis.
 *
 * @module
 * @example
 * const cache = new HybridCache(redis, { ttl: "10m", memory: { entries: 10_000 } });
 * const user = await cache.getOrSet("user:1", ({ signal }) => load(1, signal), { ttl: "5m", tags: ["users"], failSafe: "1h" });
 */
export { BoundedCache, type BoundedCacheOptions, type BoundedCacheStats } from "./bounded-cache.ts";
export { bytes, type Codec, type CompressionOptions, compressed, json } from "./codec.ts";
export { CacheTimeoutError, CacheTooLargeError } from "./errors.ts";
export type { CacheEvents } from "./events.ts";
export { type GetOrSetOptions, HybridCache, type Lookup } from "./hybrid-cache.ts";
export type { Factory, LoadContext } from "./load-context.ts";
export type { EntryOptions, HybridCacheOptions, MemoryOptions } from "./options.ts";
export type { CacheStats, TierStats } from "./stats.ts";
