import type { Clock } from "./clock.ts";
import { type Contents, copyContents, Database, type EventClass } from "./database.ts";
import { type EvictionPolicy, keyToEvict } from "./eviction.ts";
import { SteadyMap } from "./steady-map.ts";

/** Hears of every change, after it was made. */
export interface ChangeListener {
  changed(database: Database, key: string, kind: EventClass, event: string): void;
  /**
   * All of a database was exchanged at once (FLUSHDB, FLUSHALL, SWAPDB, a restored snapshot). `had` tells whether a key was there
   * before; what is there now the database knows. Not followed by calls of `changed`.
   */
  replaced?(database: Database, had: (key: string) => boolean): void;
}

/** A copy of all databases at one moment. */
export interface Snapshot {
  readonly databases: readonly Contents[];
}

/** At most so many keys are removed at one wake-up before others get their turn: about a millisecond's work. */
const slice = 1000;
/** A timer holds no more than 2^31 - 1 ms, and a clock that is set wants a look now and then. */
const sleepMsMax = 3_600_000;

/** All databases of one engine, and the one clock that they share. */
export class Keyspace {
  readonly #databases: Database[] = [];
  readonly #clock: Clock;
  readonly #listeners: ChangeListener[] = [];
  #now = 0;
  #frozen = 0;
  #policy: EvictionPolicy = "noeviction";
  #wakesAt = Number.POSITIVE_INFINITY;
  #callOff: (() => void) | undefined;
  #removesLapsed = true;
  /** Changes since the start: what `rdb_changes_since_last_save` counts, and how one knows that a command wrote. */
  dirty = 0;
  /** Keys that expired, and keys that were evicted, since the start. */
  expiredKeys = 0;
  evictedKeys = 0;
  /** Bytes that {@link usedMemory} may reach before keys are evicted or writes refused; 0 for no limit. */
  maxMemory = 0;
  /** Whether a key that comes to be is told as an event (`n`). Off by default, as in Redis, because most keys come to be often. */
  tellsNew = false;

  constructor(clock: Clock, databases: number) {
    this.#clock = clock;
    for (let index = 0; index < databases; index++) this.#databases.push(new Database(this, index));
  }

  /** The time, in milliseconds since 1970: the clock's, or that at which the command or script began that runs now. */
  get now(): number {
    return this.#frozen === 0 ? this.#clock.now() : this.#now;
  }

  /** Stops the time while a command or script runs; calls nest. */
  freeze(): void {
    if (this.#frozen++ === 0) this.#now = this.#clock.now();
  }

  /** As {@link freeze}, at another time than the clock's: for commands of the past that are run again. */
  freezeAt(now: number): void {
    if (this.#frozen++ === 0) this.#now = now;
  }

  thaw(): void {
    this.#frozen--;
  }

  get databases(): readonly Database[] {
    return this.#databases;
  }

  /** Exchanges what two databases hold, as SWAPDB does: whoever has one selected sees the other's keys from now on. */
  swap(a: number, b: number): void {
    if (a === b) return;
    const first = this.#databases[a] as Database;
    const second = this.#databases[b] as Database;
    first.exchange(second);
    this.#replaced(first, (key) => second.has(key));
    this.#replaced(second, (key) => first.has(key));
  }

  /** Removes every key of the databases. @returns how many there were */
  flush(databases: readonly Database[] = this.#databases): number {
    let removed = 0;
    for (const database of databases) {
      if (database.size === 0) continue;
      removed += database.size;
      this.#replace(database, { values: new SteadyMap(), expiries: new SteadyMap() });
    }
    return removed;
  }

  /** A copy of everything, which later changes do not reach. */
  snapshot(): Snapshot {
    return { databases: this.#databases.map((database) => database.copyContents()) };
  }

  /** Holds again what it held when the snapshot was taken. The snapshot can be restored more than once. */
  restore(snapshot: Snapshot): void {
    for (const [index, database] of this.#databases.entries()) {
      const contents = snapshot.databases[index];
      this.#replace(
        database,
        contents === undefined ? { values: new SteadyMap(), expiries: new SteadyMap() } : copyContents(contents),
      );
    }
  }

  listen(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  changed(database: Database, key: string, kind: EventClass, event: string, changes: number): void {
    this.dirty += changes;
    const listeners = this.#listeners;
    for (let index = 0; index < listeners.length; index++)
      (listeners[index] as ChangeListener).changed(database, key, kind, event);
  }

  expired(database: Database, key: string): void {
    this.expiredKeys++;
    this.changed(database, key, "x", "expired", 0);
  }

  evicted(database: Database, key: string): void {
    this.evictedKeys++;
    this.changed(database, key, "e", "evicted", 0);
  }

  /** Bytes that all keys and values take, as Redis would count them. */
  get usedMemory(): number {
    let bytes = 0;
    for (const database of this.#databases) bytes += database.bytes;
    return bytes;
  }

  get policy(): EvictionPolicy {
    return this.#policy;
  }

  /** What is evicted once {@link maxMemory} is reached. */
  set policy(policy: EvictionPolicy) {
    this.#policy = policy;
    for (const database of this.#databases) database.trackUse(policy.endsWith("-lru"));
  }

  /**
   * Evicts keys until the used memory is within its limit. To be called before each command while there is a limit.
   *
   * @returns false if it could not: a command that takes memory (`denyoom`) is then to be refused
   */
  makeRoom(): boolean {
    if (this.maxMemory === 0) return true;
    while (this.usedMemory > this.maxMemory) {
      const victim = keyToEvict(this.#databases, this.#policy);
      if (victim === undefined) return false;
      victim.database.evict(victim.key);
    }
    return true;
  }

  /** Whether keys are removed when their time is up, and not only when they are next met. */
  get removesLapsed(): boolean {
    return this.#removesLapsed;
  }

  set removesLapsed(on: boolean) {
    this.#removesLapsed = on;
    if (on) this.#sleep();
    else this.close();
  }

  /** Sees to it that keys are removed at a time, or earlier. */
  wakeBy(at: number): void {
    if (at >= this.#wakesAt || !this.#removesLapsed) return;
    this.#callOff?.();
    this.#wakesAt = at;
    const ms = Math.ceil(at - this.#clock.now());
    this.#callOff = this.#clock.after(Math.min(Math.max(ms, 0), sleepMsMax), this.#wake);
  }

  /** Calls off its wake-up. Keys expire from now on only when they are met. */
  close(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  readonly #wake = (): void => {
    this.#callOff = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.freeze();
    try {
      let left = slice;
      for (const database of this.#databases) left -= database.removeLapsed(left);
    } finally {
      this.thaw();
    }
    this.#sleep();
  };

  #sleep(): void {
    let at = Number.POSITIVE_INFINITY;
    for (const database of this.#databases) at = Math.min(at, database.nextExpiryAt);
    if (at !== Number.POSITIVE_INFINITY) this.wakeBy(at);
  }

  #replace(database: Database, contents: Contents): void {
    const before = database.replace(contents);
    this.#replaced(database, (key) => before.values.has(key));
  }

  #replaced(database: Database, had: (key: string) => boolean): void {
    for (const listener of this.#listeners) listener.replaced?.(database, had);
  }
}
