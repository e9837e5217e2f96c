import { refusals } from "../value/index.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import type { GrowingBytes } from "./growing-bytes.ts";
import { KeyOrder } from "./key-order.ts";
import type { Keyspace } from "./keyspace.ts";
import { sizeOfEntry, sizeOfExpiry, sizeOfValue } from "./memory-size.ts";
import { Recency } from "./recency.ts";
import { SteadyMap } from "./steady-map.ts";
import { type Collection, copyOf, type Value } from "./value.ts";

/** Classes of keyspace events, by the letters of `notify-keyspace-events`. */
export type EventClass = "g" | "$" | "l" | "s" | "h" | "z" | "x" | "e" | "t" | "d" | "m" | "n";

/** All that a database holds. Databases exchange it whole (SWAPDB), and a snapshot is a copy of it. */
export interface Contents {
  readonly values: Map<string, Value>;
  /** Milliseconds since 1970 at which a key expires. */
  readonly expiries: Map<string, number>;
}

/** One numbered database: keys, their values, and when they expire. */
export class Database {
  readonly index: number;
  readonly #keyspace: Keyspace;
  #values: Map<string, Value> = new SteadyMap<Value>();
  #expiries: Map<string, number> = new SteadyMap<number>();
  #queue: ExpiryQueue | undefined;
  #order: KeyOrder | undefined;
  #recency: Recency | undefined;
  #bytes = 0;

  constructor(keyspace: Keyspace, index: number) {
    this.#keyspace = keyspace;
    this.index = index;
  }

  /** Keys, those included that have expired and were not yet met. */
  get size(): number {
    return this.#values.size;
  }

  /** Keys that expire. */
  get volatileSize(): number {
    return this.#expiries.size;
  }

  /** Bytes that keys and values take, as Redis would count them. Kept up to date by every change. */
  get bytes(): number {
    return this.#bytes + this.#expiries.size * sizeOfExpiry;
  }

  /** The value of a key, or `undefined` if there is none or it has expired. */
  get(key: string): Value | undefined {
    if (this.#expiries.size !== 0 && this.#lapsed(key)) return undefined;
    if (this.#recency !== undefined && this.#values.has(key)) this.#recency.touch(key, this.#keyspace.now);
    return this.#values.get(key);
  }

  /** As {@link get}, without counting as a use of the key (OBJECT, TYPE, TTL). */
  peek(key: string): Value | undefined {
    if (this.#expiries.size !== 0 && this.#lapsed(key)) return undefined;
    return this.#values.get(key);
  }

  /** Whether the key is there, and not expired. Does not count as a use of the key. */
  has(key: string): boolean {
    return this.peek(key) !== undefined;
  }

  /** @throws {Refusal} WRONGTYPE if the key holds something else. */
  string(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "string") return value;
    if (value.type !== "string") throw refusals.wrongType;
    return value.toString();
  }

  /** As {@link string}, but what grows in place as it is. @throws {Refusal} WRONGTYPE if the key holds something else. */
  bytesAt(key: string): string | GrowingBytes | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "string") return value;
    if (value.type !== "string") throw refusals.wrongType;
    return value as GrowingBytes;
  }

  /** The collection at the key, of the class given. @throws {Refusal} WRONGTYPE if the key holds something else. */
  collection<C extends Collection>(key: string, kind: abstract new (...args: never[]) => C): C | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof kind) return value as C | undefined;
    throw refusals.wrongType;
  }

  /** Stores a value; what expiry the key had stays only if asked. Says nothing to watchers: call {@link changed}. */
  set(key: string, value: Value, keepExpiry = false): void {
    if (this.#expiries.size !== 0 && !this.#lapsed(key) && !keepExpiry) this.#expiries.delete(key);
    const bytes = sizeOfValue(value);
    const before = this.#values.get(key);
    this.#values.set(key, value);
    if (before !== undefined) {
      this.#bytes += bytes - (typeof before === "string" ? sizeOfValue(before) : (before.counted ?? 0));
    } else {
      this.#bytes += bytes + sizeOfEntry(key);
      this.#order?.add(key, this.#values);
      if (this.#keyspace.tellsNew) this.#keyspace.changed(this, key, "n", "new", 0);
    }
    if (typeof value !== "string") value.counted = bytes;
    this.#recency?.touch(key, this.#keyspace.now);
  }

  /** Removes a key. Says nothing to watchers: call {@link changed}. @returns whether it was there, and not expired */
  remove(key: string): boolean {
    if (this.#expiries.size !== 0) {
      if (this.#lapsed(key)) return false;
      this.#expiries.delete(key);
    }
    return this.#drop(key);
  }

  /** When the key expires, in milliseconds since 1970; `undefined` if it does not. */
  expiresAt(key: string): number | undefined {
    return this.#expiries.get(key);
  }

  /** Sets when the key expires, or with `undefined` that it does not. */
  expire(key: string, atMs: number | undefined): void {
    if (atMs === undefined) {
      this.#expiries.delete(key);
      return;
    }
    const before = this.#expiries.get(key);
    this.#expiries.set(key, atMs);
    if (before !== undefined && before <= atMs) return;
    this.#queue ??= new ExpiryQueue();
    this.#queue.add(key, atMs, this.#expiries);
    this.#keyspace.wakeBy(this.#queue.nextAt);
  }

  /**
   * Tells everyone that a key was changed: WATCH, those who wait for it, keyspace events, the append-only file, the
   * estimate of memory. To be called once after each change, with what Redis calls the event; `""` where it tells of none.
   */
  changed(key: string, kind: EventClass, event: string, changes = 1): void {
    const value = this.#values.get(key);
    if (value !== undefined && typeof value !== "string") {
      const bytes = sizeOfValue(value);
      this.#bytes += bytes - (value.counted ?? 0);
      value.counted = bytes;
    }
    this.#keyspace.changed(this, key, kind, event, changes);
  }

  /** Removes the key if its collection has become empty. @returns whether it did */
  removeIfEmpty(key: string, collection: Collection): boolean {
    if (collection.size !== 0) return false;
    this.remove(key);
    this.changed(key, "g", "del", 0);
    return true;
  }

  /** All keys, in no promised order. Expired ones may be among them. */
  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  /** True if the key has expired and was not yet met. Does not remove it. */
  isLapsed(key: string): boolean {
    const at = this.#expiries.get(key);
    return at !== undefined && at <= this.#keyspace.now;
  }

  /** The order of the keys, for SCAN and for a choice at random. Built when first asked for. */
  order(): KeyOrder {
    if (this.#order === undefined) this.#order = new KeyOrder(this.#values.keys());
    else this.#order.tidy(this.#values);
    return this.#order;
  }

  /** Some key, chosen at random and not expired; `undefined` if there is none. */
  randomKey(): string | undefined {
    // Half of the entries stand for a key, so a hundred misses mean that nearly all keys have expired: look at each.
    for (let tries = 0; tries < 100 && this.#values.size > 0; tries++) {
      const order = this.order();
      const key = order.at(Math.floor(Math.random() * order.length));
      if (this.peek(key) !== undefined) return key;
    }
    for (const key of this.#values.keys()) if (this.peek(key) !== undefined) return key;
    return undefined;
  }

  /** Some key that expires, chosen at random. */
  randomVolatileKey(): string | undefined {
    const queue = this.#queue;
    if (queue === undefined || this.#expiries.size === 0) return undefined;
    for (let tries = 0; tries < 100; tries++) {
      const key = queue.keyAt(Math.floor(Math.random() * queue.length));
      if (this.#expiries.has(key)) return key;
    }
    return this.#expiries.keys().next().value;
  }

  /** The key that expires next. */
  nextToExpire(): string | undefined {
    return this.#settle() ? (this.#queue as ExpiryQueue).keyAt(0) : undefined;
  }

  /** When the next key expires, in milliseconds since 1970; infinity if none does. */
  get nextExpiryAt(): number {
    return this.#settle() ? (this.#queue as ExpiryQueue).nextAt : Number.POSITIVE_INFINITY;
  }

  /** Removes keys whose time is up, at most so many. @returns how many it removed */
  removeLapsed(limit: number): number {
    const now = this.#keyspace.now;
    let removed = 0;
    while (removed < limit && this.#settle()) {
      const queue = this.#queue as ExpiryQueue;
      if (queue.nextAt > now) break;
      this.#lapsed(queue.keyAt(0));
      removed++;
    }
    return removed;
  }

  /** Starts or stops keeping who was used when, for eviction by last use. */
  trackUse(on: boolean): void {
    if (!on) this.#recency = undefined;
    else this.#recency ??= new Recency(this.#values.keys(), this.#keyspace.now);
  }

  /** When a key was last used, in milliseconds since 1970; `undefined` unless the policy of eviction needs it. */
  usedAt(key: string): number | undefined {
    return this.#recency?.usedAt(key);
  }

  /** The key that was not used for longest. */
  leastRecentKey(volatileOnly: boolean): string | undefined {
    return this.#recency?.leastRecent(volatileOnly ? this.#expiries : this.#values);
  }

  /** Removes a key to make room, and tells so. */
  evict(key: string): void {
    this.#expiries.delete(key);
    if (this.#drop(key)) this.#keyspace.evicted(this, key);
  }

  /** A deep copy of all that it holds. */
  copyContents(): Contents {
    return copyContents({ values: this.#values, expiries: this.#expiries });
  }

  /** Holds other contents from now on, and answers what it held. Watchers hear nothing: that is the keyspace's. */
  replace(contents: Contents): Contents {
    const before = { values: this.#values, expiries: this.#expiries };
    this.#values = contents.values;
    this.#expiries = contents.expiries;
    this.#order = undefined;
    this.#queue = contents.expiries.size === 0 ? undefined : ExpiryQueue.of(contents.expiries);
    this.#bytes = 0;
    for (const [key, value] of contents.values) {
      const bytes = sizeOfValue(value);
      if (typeof value !== "string") value.counted = bytes;
      this.#bytes += bytes + sizeOfEntry(key);
    }
    if (this.#recency !== undefined) this.#recency = new Recency(this.#values.keys(), this.#keyspace.now);
    this.#keyspace.wakeBy(this.nextExpiryAt);
    return before;
  }

  /** Exchanges all that two databases hold, in no time. Watchers hear nothing: that is the keyspace's. */
  exchange(other: Database): void {
    [this.#values, other.#values] = [other.#values, this.#values];
    [this.#expiries, other.#expiries] = [other.#expiries, this.#expiries];
    [this.#queue, other.#queue] = [other.#queue, this.#queue];
    [this.#order, other.#order] = [other.#order, this.#order];
    [this.#recency, other.#recency] = [other.#recency, this.#recency];
    [this.#bytes, other.#bytes] = [other.#bytes, this.#bytes];
  }

  /** Brings the first entry of the queue in line with the truth. @returns whether some key expires */
  #settle(): boolean {
    const queue = this.#queue;
    if (queue === undefined) return false;
    while (queue.length > 0) {
      const at = this.#expiries.get(queue.keyAt(0));
      if (at === queue.nextAt) return true;
      queue.settleFirst(at);
    }
    return false;
  }

  #lapsed(key: string): boolean {
    const at = this.#expiries.get(key);
    if (at === undefined || at > this.#keyspace.now) return false;
    this.#expiries.delete(key);
    this.#drop(key);
    this.#keyspace.expired(this, key);
    return true;
  }

  #drop(key: string): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#values.delete(key);
    this.#bytes -= sizeOfEntry(key) + (typeof value === "string" ? sizeOfValue(value) : (value.counted ?? 0));
    this.#recency?.forget(key);
    return true;
  }
}

/** A deep copy. */
export function copyContents(contents: Contents): Contents {
  const values = new SteadyMap<Value>();
  for (const [key, value] of contents.values) values.set(key, copyOf(value));
  const expiries = new SteadyMap<number>();
  for (const [key, at] of contents.expiries) expiries.set(key, at);
  return { values, expiries };
}
