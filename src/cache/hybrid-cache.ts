import { randomBytes } from "node:crypto";
import type { RedisPort } from "../client/index.ts";
import { checkCallable, Emitter, type Off, Service } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { Changes } from "./changes.ts";
import { inChunks } from "./chunks.ts";
import { checkValue } from "./codec.ts";
import { everything } from "./entry-format.ts";
import { type CacheEvents, cacheEvents } from "./events.ts";
import { Guards } from "./guards.ts";
import { InvalidationBus } from "./invalidation-bus.ts";
import { checkName } from "./keys.ts";
import type { Factory } from "./load-context.ts";
import { type Kept, MemoryTier } from "./memory-tier.ts";
import { type EntryOptions, type HybridCacheOptions, readCacheOptions, readEntryOptions } from "./options.ts";
import { copied, type Parts } from "./parts.ts";
import { ReadThrough } from "./read-through.ts";
import { RedisTier } from "./redis-tier.ts";
import { type CacheStats, Counts } from "./stats.ts";
import { TagEpochs } from "./tag-epochs.ts";
import { Writer } from "./writer.ts";

/** Options of one `getOrSet`. */
export interface GetOrSetOptions extends EntryOptions {
  /** This caller stops waiting when it fires. What others wait for goes on. One that has fired begins nothing. */
  readonly signal?: AbortSignal;
}

/** What a cache has of a key. A cached `undefined` is a hit. */
export type Lookup<Value = unknown> =
  | { readonly outcome: "hit" | "stale"; readonly value: Value; readonly tier: "memory" | "redis" }
  | { readonly outcome: "miss" };

/** A subscription that failed is tried again by the first use after so long. */
const retryMs = 1_000;

/**
 * A cache in two tiers: decoded values in this process' memory, entries in Redis that all processes share.
 *
 * {@link getOrSet} computes a value once, however many callers and processes ask for it, and an invalidation always beats a
 * computation that began before it. Values in memory are shared: do not change them (or say `memory: { clone: true }`).
 *
 * Nothing is opened before the first use. `stop()` when the program ends.
 *
 * @example
 * const cache = new HybridCache(redis, { ttl: "10m", memory: { entries: 10_000 } });
 * const user = await cache.getOrSet("user:1", ({ signal }) => load(1, signal), { ttl: "5m", tags: ["users"], failSafe: "1h" });
 * await cache.invalidateTag("users");
 */
export class HybridCache extends Service {
  readonly #parts: { -readonly [Part in keyof Parts]: Parts[Part] };
  readonly #reads: ReadThrough;
  readonly #writer: Writer;
  readonly #changes: Changes;
  readonly #bus: InvalidationBus;
  /** Every value there is in memory, also while it is not used. */
  readonly #values: MemoryTier | undefined;
  #stopped = false;
  #triedAt = Number.NEGATIVE_INFINITY;

  /** @throws {InvalidInputError} an option is unknown or cannot be used */
  constructor(redis: RedisPort, options: HybridCacheOptions = {}) {
    super();
    checkPort("HybridCache", redis);
    const settings = readCacheOptions(options);
    const { memory } = settings;
    this.#values = memory === undefined ? undefined : new MemoryTier(memory);
    this.#bus = new InvalidationBus(redis, settings.prefix, {
      heard: (change, name) => this.#changes.heard(change, name),
      missed: (reason) => this.#changes.flush(reason),
    });
    const tier = new RedisTier(redis, this.#bus, settings);
    this.#parts = {
      settings,
      redis: tier,
      memory: this.#values,
      epochs: new TagEpochs(
        (tag) => tier.epoch(tag),
        () => (this.#stopped ? 0 : (memory?.ttlMs ?? 0)),
        memory?.entries,
      ),
      guards: new Guards(),
      counts: new Counts(),
      emitter: new Emitter<CacheEvents>("cache", cacheEvents),
    };
    const own = randomBytes(9).toString("base64url");
    let flights = 0;
    // The dot ends it: a script appends to it that somebody waits.
    this.#reads = new ReadThrough(this.#parts, () => `${own}${(flights++).toString(36)}.`);
    this.#changes = new Changes(this.#parts, this.#values, this.#reads);
    this.#writer = new Writer(this.#parts, this.#changes);
  }

  /**
   * The value of a key: from memory, from Redis, or computed by the factory, once for all who ask meanwhile in any process.
   *
   * Options are read when the value is not in memory. Of a factory that looks at `stale`, say the type: `getOrSet<User>(…)`.
   *
   * @throws what the factory throws, unless a stale value may stand in
   * @throws {CacheTimeoutError} `CACHE_TIMEOUT`: the factory takes too long, and no stale value may stand in
   * @throws {InvalidInputError} the key or an option cannot be used; nothing was sent
   */
  // A type of its own for `stale`: of one that stands in the context as well, a factory that looks at its context tells nothing.
  getOrSet<Value, Stale = Value>(key: string, factory: Factory<Value, Stale>, options?: GetOrSetOptions): Promise<Value> {
    const kept = this.#parts.memory?.fresh(key);
    if (kept !== undefined) return this.#hit(key, kept) as Promise<Value>;
    return this.#load(key, factory as Factory<unknown>, options) as Promise<Value>;
  }

  /** The value of a key if it is cached and has not ended, else `undefined`. */
  async get<Value = unknown>(key: string): Promise<Value | undefined> {
    const found = await this.lookup<Value>(key);
    return found.outcome === "hit" ? found.value : undefined;
  }

  /** The same, telling a cached `undefined` from none, and answering what has ended too. If Redis is away, it is a miss. */
  async lookup<Value = unknown>(key: string): Promise<Lookup<Value>> {
    checkName("key", key);
    const kept = this.#parts.memory?.fresh(key);
    if (kept !== undefined) {
      const value = (await this.#hit(key, kept)) as Value;
      return { outcome: kept.stale ? "stale" : "hit", value, tier: "memory" };
    }
    this.#parts.counts.memoryMisses++;
    this.#use();
    const look = await this.#reads.peek(key);
    if (look.outcome === "miss") return { outcome: "miss" };
    const value = copied(this.#parts, look.found.value) as Value;
    return { outcome: look.outcome === "stale" ? "stale" : "hit", value, tier: "redis" };
  }

  /** The values of those keys that are cached and have not ended. */
  async getMany<Value = unknown>(keys: Iterable<string>): Promise<Map<string, Value>> {
    const found = await inChunks(keys, async (key) => ({ key, look: await this.lookup<Value>(key) }));
    return new Map(found.flatMap(({ key, look }) => (look.outcome === "hit" ? [[key, look.value] as const] : [])));
  }

  /** Whether {@link get} would find something. */
  async has(key: string): Promise<boolean> {
    return (await this.lookup(key)).outcome === "hit";
  }

  /**
   * Stores a value. What was being computed for the key is not stored any more.
   *
   * @throws {ScriptError} Redis could not be asked; `applied` says whether it may have been stored
   */
  async set(key: string, value: unknown, options?: EntryOptions): Promise<void> {
    checkName("key", key);
    checkValue(value);
    const entry = readEntryOptions("set", options, this.#parts.settings.entry);
    this.#use();
    await this.#writer.set(key, value, entry);
  }

  /** Stores several values. They are not one transaction. */
  async setMany(values: Iterable<readonly [key: string, value: unknown]>, options?: EntryOptions): Promise<void> {
    await inChunks(values, ([key, value]) => this.set(key, value, options));
  }

  /**
   * Forgets a key, everywhere. Once this resolves, no value that was computed before is stored, and every process that
   * listens has been told. Answers whether Redis had it.
   *
   * @throws {ScriptError} Redis could not be asked: the entry may still be there
   */
  async remove(key: string): Promise<boolean> {
    checkName("key", key);
    this.#use();
    return await this.#writer.end(key, "remove");
  }

  /** Forgets several keys. Answers how many of them Redis had. */
  async removeMany(keys: Iterable<string>): Promise<number> {
    return (await inChunks(keys, (key) => this.remove(key))).filter(Boolean).length;
  }

  /** Ends an entry: the next reading computes it anew, and it may stand in as a stale one for as long as its `failSafe`. */
  async expire(key: string): Promise<boolean> {
    checkName("key", key);
    this.#use();
    return await this.#writer.end(key, "expire");
  }

  /** Invalidates every entry with a tag, at the cost of one write, however many there are. */
  async invalidateTag(tag: string): Promise<void> {
    checkName("tag", tag);
    this.#use();
    await this.#writer.invalidate(tag);
  }

  /** Invalidates every entry of the cache. */
  async clear(): Promise<void> {
    this.#use();
    await this.#writer.invalidate(everything);
  }

  stats(): CacheStats {
    return this.#parts.counts.read(this.#values ?? { evictions: 0, entries: 0, bytes: 0 });
  }

  /** Calls a listener at each event of a name. */
  on<Name extends keyof CacheEvents>(name: Name, listener: (event: CacheEvents[Name]) => void): Off {
    return this.#parts.emitter.on(name, listener);
  }

  /** Listens for changes. Not needed: the first use does so as well, without waiting for it. */
  override start(): Promise<void> {
    this.#stopped = false;
    return super.start();
  }

  /** Waits for what runs in the background, for as long as a lease at most, and listens no more. What is used afterwards asks Redis each time. */
  override async stop(): Promise<void> {
    this.#stopped = true;
    this.#forgetAll();
    await super.stop();
  }

  /** Nothing is told any more, so nothing is believed. */
  #forgetAll(): void {
    this.#parts.memory = undefined;
    this.#values?.clear();
    this.#parts.epochs.flush();
  }

  protected async onStart(): Promise<void> {
    await this.#bus.open();
    this.#parts.memory = this.#values;
  }

  protected async onStop(): Promise<void> {
    this.#forgetAll();
    const { leaseMs } = this.#parts.settings;
    // What takes longer than a lease is left to itself: its value is not worth holding up the end of a program.
    await Promise.race([this.#reads.idle(), new Promise<void>((resolve) => void setTimeout(resolve, leaseMs).unref())]);
    await this.#bus.close();
  }

  async #load(key: string, factory: Factory<unknown>, options: GetOrSetOptions | undefined): Promise<unknown> {
    checkName("key", key);
    // Called, it would fail as a source does, and a stale value would hide it.
    checkCallable("getOrSet", "factory", factory);
    const entry = readEntryOptions("getOrSet", options, this.#parts.settings.entry);
    options?.signal?.throwIfAborted();
    this.#parts.counts.memoryMisses++;
    this.#use();
    const value = await this.#reads.get(key, factory, entry, options?.signal);
    return copied(this.#parts, value);
  }

  #hit(key: string, kept: Kept): Promise<unknown> {
    const { counts, emitter } = this.#parts;
    if (kept.stale) {
      counts.memoryStale++;
      emitter.emit("stale", { key, tier: "memory" });
    } else {
      counts.memoryHits++;
      if (emitter.heard("hit")) emitter.emit("hit", { key, tier: "memory" });
    }
    const value = copied(this.#parts, kept.value);
    if (value !== kept.value) return Promise.resolve(value);
    kept.answer ??= Promise.resolve(kept.value);
    return kept.answer;
  }

  /** Listens from the first use on, unless the cache was stopped. */
  #use(): void {
    if (this.running || this.#stopped || performance.now() - this.#triedAt < retryMs) return;
    this.#triedAt = performance.now();
    super.start().catch((error: unknown) => this.#parts.emitter.emit("unavailable", { error }));
  }
}
