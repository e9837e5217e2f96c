import { Buffer } from "node:buffer";
import calculateSlot from "cluster-key-slot";
import type { RedisPort } from "../client/index.ts";
import { callable, type Duration, duration, InvalidInputError, integer, readOptions, show, withDefault } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type RunOptions, run } from "../script/index.ts";
import { bufferOf, type Codec, checkValue, codecField, encoded } from "./codec.ts";
import { CacheTooLargeError } from "./errors.ts";
import { type BoundedKeys, boundedKeys, checkName } from "./keys.ts";
import * as scripts from "./scripts.gen.ts";

/** Options of a {@link BoundedCache}. */
export interface BoundedCacheOptions {
  /** At most so many entries; the least recently used go first. @default 10_000 */
  readonly entries?: number;
  /** At most so many bytes of keys and values; 0 for no limit. @default 0 */
  readonly bytes?: number;
  /** How long a value lives, if `set` does not say so; 0 until it is evicted. @default 0 */
  readonly ttl?: Duration;
  /** The cache goes when nobody has used it for so long, entries with a longer time to live included. @default "7d" */
  readonly idle?: Duration;
  /** A use is noted if the last one noted is so long ago: the order of eviction is that exact, and reading writes that little. @default "1s" */
  readonly touch?: Duration;
  /** Spread over so many slots of a cluster, each with its part of the limits. All clients must say the same. @default 1 */
  readonly shards?: number;
  /** How values become bytes. @default json */
  readonly codec?: Codec;
  /** How long Redis may take to answer. @default the connection's own */
  readonly timeout?: Duration;
  /** Instead of the server's clock, in tests. @internal */
  readonly now?: () => number | undefined;
}

/** What a bounded cache has done, for all clients, since it was first used; and what it holds. */
export interface BoundedCacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** Entries that were taken out since their time was over. */
  readonly expired: number;
  /** Hits of all readings; 0 before the first. */
  readonly hitRatio: number;
}

/** One call takes out at most so many; what is left is taken out by the calls that follow. */
const evictMax = 64;
const removeMax = 1_000;

/**
 * A cache of limited size that lives in Redis alone, with the least recently used evicted first: one count of entries, one set of
 * statistics, whoever uses it. For what several programs share and none should hold in memory; `HybridCache` is faster.
 *
 * @example
 * const thumbnails = new BoundedCache(redis, "thumbnails", { entries: 5_000, bytes: 100_000_000, codec: bytes });
 * await thumbnails.set("42:small", png, { ttl: "1d" });
 * const { hitRatio } = await thumbnails.stats();
 */
export class BoundedCache {
  readonly name: string;
  readonly #redis: RedisPort;
  readonly #shards: readonly BoundedKeys[];
  readonly #limits: { readonly entries: number; readonly bytes: number };
  readonly #times: { readonly ttlMs: number; readonly keepMs: number; readonly touchUs: number };
  readonly #codec: Codec;
  readonly #options: RunOptions;
  readonly #now: () => number | undefined;

  /** @throws {InvalidInputError} the name or an option cannot be used */
  constructor(redis: RedisPort, name: string, options: BoundedCacheOptions = {}) {
    checkPort("BoundedCache", redis);
    const read = readOptions("BoundedCache", options, {
      entries: withDefault(integer({ min: 1 }), 10_000),
      bytes: withDefault(integer({ min: 0 }), 0),
      ttl: withDefault(duration(), 0),
      idle: withDefault(duration({ min: 10_000 }), "7d"),
      touch: withDefault(duration({ max: 3_600_000 }), "1s"),
      shards: withDefault(integer({ min: 1, max: 1_024 }), 1),
      codec: codecField,
      timeout: duration({ min: 1 }),
      now: withDefault(callable<() => number | undefined>(), () => undefined),
    });
    checkName("key", name);
    const { shards } = read;
    if (shards > read.entries || (read.bytes > 0 && shards > read.bytes)) {
      const message = `BoundedCache.shards must be at most entries and bytes, not ${shards}: each holds its part of them.`;
      throw new InvalidInputError("OPTION_INVALID", "BoundedCache.shards", message);
    }
    this.name = name;
    this.#redis = redis;
    this.#shards = shards === 1 ? [boundedKeys(name)] : Array.from({ length: shards }, (_, shard) => boundedKeys(name, shard));
    this.#limits = { entries: Math.floor(read.entries / shards), bytes: Math.floor(read.bytes / shards) };
    // A use must be noted well before the cache would go for want of it.
    this.#times = { ttlMs: read.ttl, keepMs: read.idle, touchUs: Math.min(read.touch, read.idle / 2) * 1_000 };
    this.#codec = read.codec;
    this.#options = { timeout: read.timeout };
    this.#now = read.now;
  }

  /** The value of a key, or `undefined`; also if it cannot be read, since another codec wrote it. Counts as a use, and as a hit or a miss. */
  async get<Value = unknown>(key: string): Promise<Value | undefined> {
    const found = await this.#get(key, true);
    if (found === null) return undefined;
    try {
      return (await this.#codec.decode(bufferOf(found))) as Value;
    } catch {
      return undefined;
    }
  }

  /** Whether there is a value. Counts as nothing. */
  async has(key: string): Promise<boolean> {
    return (await this.#get(key, false)) !== null;
  }

  /**
   * Stores a value, and makes room for it. Answers how many others were evicted.
   *
   * @throws {CacheTooLargeError} `CACHE_TOO_LARGE`: it alone is larger than the cache may be
   * @throws {ScriptError} Redis could not be asked; `applied` says whether it may have been stored
   */
  async set(key: string, value: unknown, options: { readonly ttl?: Duration } = {}): Promise<{ readonly evicted: number }> {
    checkName("key", key);
    const { ttl } = readOptions("BoundedCache.set", options, { ttl: duration() });
    if (value === undefined) throw unfit(value);
    checkValue(value);
    const made = await encoded(this.#codec, value);
    const size = Buffer.byteLength(key) + (typeof made === "string" ? Buffer.byteLength(made) : made.byteLength);
    if (this.#limits.bytes > 0 && size > this.#limits.bytes) throw new CacheTooLargeError(key, size, this.#limits.bytes);
    const keys = this.#shardOf(key);
    const { ttlMs, keepMs } = this.#times;
    const args = { key, value: made, ttlMs: ttl ?? ttlMs, ...this.#limits, limit: evictMax, keepMs, now: this.#now() };
    const reply = await run(this.#redis, scripts.boundedSet, keys, args, this.#options);
    let { evicted, more } = reply;
    while (more) {
      const again = await this.#trim(keys);
      // Other clients may store faster than this one takes out; their calls make room as well.
      if (again.evicted === 0) break;
      evicted += again.evicted;
      more = again.more;
    }
    return { evicted };
  }

  /** Takes keys out. Answers how many were there. */
  async remove(...keys: readonly string[]): Promise<number> {
    for (const key of keys) checkName("key", key);
    const shards = new Map<BoundedKeys, string[]>();
    for (const key of keys) {
      const shard = this.#shardOf(key);
      const list = shards.get(shard) ?? [];
      list.push(key);
      shards.set(shard, list);
    }
    let removed = 0;
    for (const [shard, list] of shards) {
      for (let at = 0; at < list.length; at += removeMax) {
        const some = list.slice(at, at + removeMax);
        removed += await run(this.#redis, scripts.boundedRemove, shard, { keys: some }, this.#options);
      }
    }
    return removed;
  }

  /** Takes everything out. The counters stay. */
  async clear(): Promise<void> {
    await Promise.all(this.#shards.map((keys) => run(this.#redis, scripts.boundedClear, keys, {}, this.#options)));
  }

  /** Makes room after the limits were lowered. `set` does so as well, a little with each call. */
  async trim(): Promise<{ readonly evicted: number }> {
    let evicted = 0;
    for (const keys of this.#shards) {
      for (let more = true; more; ) {
        const reply = await this.#trim(keys);
        evicted += reply.evicted;
        more = reply.more && reply.evicted > 0;
      }
    }
    return { evicted };
  }

  /** The counters, of all clients together. */
  async stats(): Promise<BoundedCacheStats> {
    const read = ({ index, stats }: BoundedKeys): Promise<scripts.BoundedStats["reply"]> =>
      run(this.#redis, scripts.boundedStats, { index, stats }, {}, this.#options);
    const shards = await Promise.all(this.#shards.map(read));
    const sum = (field: keyof scripts.BoundedStats["reply"]): number =>
      shards.reduce((total, shard) => total + (shard[field] ?? 0), 0);
    const [hits, misses] = [sum("hits"), sum("misses")];
    const counts = {
      entries: sum("entries"),
      bytes: sum("bytes"),
      hits,
      misses,
      evictions: sum("evictions"),
      expired: sum("expired"),
    };
    return { ...counts, hitRatio: hits + misses === 0 ? 0 : hits / (hits + misses) };
  }

  #get(key: string, count: boolean): Promise<Uint8Array | null> {
    checkName("key", key);
    const { touchUs, keepMs } = this.#times;
    const args = { key, count, touchUs, keepMs, now: this.#now() };
    return run(this.#redis, scripts.boundedGet, this.#shardOf(key), args, this.#options);
  }

  #trim(keys: BoundedKeys): Promise<scripts.BoundedTrim["reply"]> {
    return run(this.#redis, scripts.boundedTrim, keys, { ...this.#limits, limit: evictMax, now: this.#now() }, this.#options);
  }

  #shardOf(key: string): BoundedKeys {
    const index = this.#shards.length === 1 ? 0 : calculateSlot(key) % this.#shards.length;
    return this.#shards[index] as BoundedKeys;
  }
}

function unfit(value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", "value", `A value must be something, not ${show(value)}: take it out instead.`);
}
