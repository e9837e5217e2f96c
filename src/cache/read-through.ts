import { ScriptError } from "../script/index.ts";
import { type Entry, everything, headBytes, readEntry } from "./entry-format.ts";
import { Flight } from "./flight.ts";
import type { Guard } from "./guards.ts";
import type { Factory } from "./load-context.ts";
import { Loader } from "./loader.ts";
import type { EntrySettings } from "./options.ts";
import { draw, keep, type Parts, type StaleValue, type Value, validUnder } from "./parts.ts";
import type { Epoch } from "./tag-epochs.ts";

/** What one look at Redis came to: as the script says, with entries that are no longer valid taken out. */
export type Look =
  | { readonly outcome: "fresh"; readonly found: Value; readonly leftMs: number }
  | { readonly outcome: "early"; readonly found: Value; readonly leftMs: number }
  | { readonly outcome: "stale"; readonly found: StaleValue; readonly leads: boolean; readonly leaseLeftMs: number }
  | { readonly outcome: "miss"; readonly leads: boolean; readonly leaseLeftMs: number };

/** A message that somebody is done may be lost; so who waits for it looks again after so long, then after twice as long. */
const pollMs = { first: 100, max: 2_000 };
/** Each turn excludes one more entry that is not valid; a key that is rewritten faster than it can be read is left alone. */
const unfitMax = 4;

/** Reads through the tiers: Redis, another process that computes, the factory. One flight for each key at a time. */
export class ReadThrough {
  readonly #parts: Parts;
  readonly #loader: Loader;
  readonly #flights = new Map<string, Flight>();
  readonly #tokens: () => string;

  /** @param tokens answers a text that no other flight of any process has */
  constructor(parts: Parts, tokens: () => string) {
    this.#parts = parts;
    this.#loader = new Loader(parts);
    this.#tokens = tokens;
  }

  /** Joins the flight of a key, or starts one. */
  get(key: string, factory: Factory<unknown>, entry: EntrySettings, signal: AbortSignal | undefined): Promise<unknown> {
    const joined = this.#flights.get(key);
    if (joined !== undefined) {
      this.#parts.counts.shared++;
      // Without a memory tier nothing may be old: what is on its way may have been read, or computed, before a change.
      if (this.#parts.memory === undefined) return this.#after(joined, factory, entry, signal);
      // Whoever comes while the leader computes need not wait for it any more than another process need.
      if (joined.stale !== undefined && entry.failSafeMs > 0) {
        this.#servedStale(joined);
        return Promise.resolve(joined.stale.value);
      }
      return joined.answer(entry, signal, this.#servedStale);
    }
    return this.#begin(key, factory, entry).answer(entry, signal, this.#servedStale);
  }

  #begin(key: string, factory: Factory<unknown>, entry: EntrySettings): Flight {
    const guard = this.#parts.guards.begin(key);
    const flight = new Flight(key, this.#tokens(), guard);
    this.#flights.set(key, flight);
    flight.done = this.#fly(flight, factory, entry);
    return flight;
  }

  /** Waits for a flight and then looks again, with all who waited for it: that flight began after each of them asked. */
  async #after(
    joined: Flight,
    factory: Factory<unknown>,
    entry: EntrySettings,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { key } = joined;
    const startedAt = performance.now();
    if (joined.stale === undefined || entry.failSafeMs === 0) {
      const value = await joined.answer(entry, signal, this.#servedStale);
      if (joined.away) return value;
    }
    const next = this.#flights.get(key);
    const flight = next === undefined || next === joined ? this.#begin(key, factory, entry) : next;
    return await flight.answer(entry, signal, this.#servedStale, performance.now() - startedAt);
  }

  readonly #servedStale = ({ key, away }: Flight): void => {
    const { counts, emitter } = this.#parts;
    // While Redis is away it is memory that has what stands in.
    if (away) counts.memoryStoodIn++;
    else counts.redisStale++;
    emitter.emit("stale", { key, tier: away ? "memory" : "redis" });
  };

  /** The key was changed: who comes now does not join a flight that began before. */
  detach(key: string): void {
    this.#flights.delete(key);
  }

  detachAll(): void {
    this.#flights.clear();
  }

  /** Resolves when nothing runs in the background any more. */
  async idle(): Promise<void> {
    // One that still reads Redis may come to its factory yet.
    await Promise.allSettled([...this.#flights.values()].map(({ done }) => done));
    await this.#loader.idle();
  }

  async #fly(flight: Flight, factory: Factory<unknown>, entry: EntrySettings): Promise<unknown> {
    try {
      return await this.#resolve(flight, factory, entry);
    } finally {
      this.#parts.guards.end(flight.guard);
      if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
    }
  }

  async #resolve(flight: Flight, factory: Factory<unknown>, entry: EntrySettings): Promise<unknown> {
    const { settings, counts, emitter } = this.#parts;
    const { key } = flight;
    const startedAt = performance.now();
    const takesStale = entry.failSafeMs > 0;
    let poll = pollMs.first;
    for (let turn = 1; ; turn++) {
      let look: Look;
      try {
        look = await this.look(key, { token: flight.token, beta: entry.beta, takesStale });
      } catch (error) {
        if (!(error instanceof ScriptError)) throw error;
        counts.redisErrors++;
        counts.redisMisses++;
        emitter.emit("unavailable", { error });
        flight.away = true;
        return await this.#loader.load(flight, factory, entry, { leads: false, away: true });
      }
      if (look.outcome === "fresh" || look.outcome === "early") {
        this.#kept(flight.guard, look.found, look.leftMs, entry);
        if (look.outcome === "early") this.#loader.refresh(key, flight.token, factory, entry, look.found);
        return look.found.value;
      }
      if (look.outcome === "stale" && !look.leads && takesStale) {
        this.#servedStale(flight);
        return look.found.value;
      }
      const expired = performance.now() - startedAt >= settings.waitMs;
      if (look.leads || expired) {
        this.#missed(key);
        const stale = look.outcome === "stale" && takesStale ? look.found : undefined;
        return await this.#loader.load(flight, factory, entry, { leads: look.leads, stale });
      }
      if (turn === 1) counts.waited++;
      // A lease that lapses was its owner's last word: then it is this one's turn.
      const leftMs = settings.waitMs - (performance.now() - startedAt);
      await flight.guard.rung(Math.max(1, Math.min(leftMs, poll, Math.max(look.leaseLeftMs + 1, 1))));
      poll = Math.min(poll * 2, pollMs.max);
    }
  }

  #missed(key: string): void {
    this.#parts.counts.redisMisses++;
    this.#parts.emitter.emit("miss", { key });
  }

  /** What Redis has of a key, without computing it. */
  async peek(key: string): Promise<Look> {
    const { counts, emitter, guards } = this.#parts;
    const guard = guards.begin(key);
    try {
      const look = await this.look(key, { token: undefined, beta: 0, takesStale: true });
      if (look.outcome === "fresh" || look.outcome === "early")
        this.#kept(guard, look.found, look.leftMs, this.#parts.settings.entry);
      else this.#missed(key);
      return look;
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      counts.redisErrors++;
      counts.redisMisses++;
      emitter.emit("unavailable", { error });
      return { outcome: "miss", leads: false, leaseLeftMs: 0 };
    } finally {
      guards.end(guard);
    }
  }

  /** Looks at Redis once; again if what is there is not valid any more, so that it counts as missing. */
  async look(
    key: string,
    how: { readonly token: string | undefined; readonly beta: number; readonly takesStale: boolean },
  ): Promise<Look> {
    const { redis, settings } = this.#parts;
    let unfit: Uint8Array | undefined;
    let asOf = performance.now();
    let ahead = this.#parts.epochs.ahead(everything);
    let found = await redis.read(key, how.token, draw(how.beta, settings.random), how.takesStale);
    for (let turn = 0; found.outcome !== "miss"; turn++) {
      const read = this.#value(found.entry, asOf, ahead);
      const value = read instanceof Promise ? await read : read;
      if (value !== undefined) {
        if (found.outcome === "stale") {
          const { leads, leaseLeftMs, endsInMs } = found;
          return { outcome: "stale", found: Object.assign(value, { until: asOf + endsInMs }), leads, leaseLeftMs };
        }
        return { outcome: found.outcome, found: value, leftMs: found.leftMs };
      }
      if (turn === unfitMax) return { outcome: "miss", leads: false, leaseLeftMs: 0 };
      unfit = found.entry.subarray(0, headBytes);
      asOf = performance.now();
      ahead = this.#parts.epochs.ahead(everything);
      found = await redis.read(key, how.token, 0, how.takesStale, unfit);
    }
    return found;
  }

  /**
   * The value of an entry, unless it was invalidated or cannot be read: then somebody with another codec wrote it. At once
   * if it can be: this is what a hit in Redis costs.
   */
  #value(stored: Uint8Array, asOf: number, ahead: Promise<Epoch> | undefined): Value | undefined | Promise<Value | undefined> {
    this.#parts.counts.bytesRead += stored.length;
    const entry = readEntry(stored);
    if (entry === undefined) return undefined;
    const epochs = validUnder(this.#parts, entry, ahead);
    if (epochs instanceof Promise) return this.#later(entry, epochs, asOf);
    if (epochs === undefined) return undefined;
    const { payload } = entry;
    try {
      const value = payload == null ? payload : this.#parts.settings.codec.decode(payload);
      if (value instanceof Promise) return this.#later(entry, epochs, asOf, value);
      return { value, entry, epochs, asOf };
    } catch {
      return undefined;
    }
  }

  async #later(
    entry: Entry,
    validity: readonly Epoch[] | Promise<readonly Epoch[] | undefined>,
    asOf: number,
    decoded?: Promise<unknown>,
  ): Promise<Value | undefined> {
    const epochs = await validity;
    if (epochs === undefined) return undefined;
    const { payload } = entry;
    try {
      const value = await (decoded ?? (payload == null ? payload : this.#parts.settings.codec.decode(payload)));
      return { value, entry, epochs, asOf };
    } catch {
      return undefined;
    }
  }

  #kept(guard: Guard, found: Value, leftMs: number, { beta }: EntrySettings): void {
    const { counts, emitter } = this.#parts;
    const { key } = guard;
    counts.redisHits++;
    if (emitter.heard("hit")) emitter.emit("hit", { key, tier: "redis" });
    if (!guard.clean) return;
    const { value, entry, epochs, asOf } = found;
    keep(this.#parts, key, value, entry, epochs, { leftMs, beta, asOf, size: entry.size, stale: false });
  }
}
