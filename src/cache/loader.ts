import { ScriptError } from "../script/index.ts";
import { CacheTimeoutError, CacheTooLargeError } from "./errors.ts";
import type { Flight, Stale } from "./flight.ts";
import type { Guard } from "./guards.ts";
import { type Factory, Load } from "./load-context.ts";
import type { EntrySettings } from "./options.ts";
import { bondsOf, copied, encode, keep, type Made, make, type Parts, type StaleValue, type Value } from "./parts.ts";
import type { Epoch } from "./tag-epochs.ts";

/** Under which circumstances a value is computed. */
interface Circumstances {
  /** This flight holds the lead in Redis. */
  readonly leads: boolean;
  /** What may stand in. */
  readonly stale?: StaleValue | undefined;
  /** Redis could not be asked. */
  readonly away?: boolean;
}

/** One computation: which key, under which token, guarded by what. */
interface Run {
  readonly key: string;
  readonly token: string;
  readonly guard: Guard;
  readonly entry: EntrySettings;
}

/** Runs factories under the lead, and stores what they answer. */
export class Loader {
  readonly #parts: Parts;
  readonly #background = new Set<Promise<unknown>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Computes the value of a flight. What may stand in does so if the factory fails. */
  load(flight: Flight, factory: Factory<unknown>, entry: EntrySettings, facts: Circumstances): Promise<unknown> {
    const run = this.#load(flight, factory, entry, facts);
    // Its callers may all have gone on, and nobody but the cache waits for it.
    this.#behind(run);
    return run;
  }

  async #load(flight: Flight, factory: Factory<unknown>, entry: EntrySettings, facts: Circumstances): Promise<unknown> {
    const { key, token, guard } = flight;
    const { leads, stale, away } = facts;
    const standsIn = stale ?? (away ? this.#seen(key, entry) : undefined);
    if (standsIn !== undefined) flight.standIn(standsIn);
    try {
      return await this.#compute({ key, token, guard, entry }, factory, leads, stale);
    } catch (error) {
      if (stale !== undefined && performance.now() < stale.until) return this.#standIn(flight, stale, entry);
      // Asked again: it may have been removed meanwhile.
      const seen = away ? this.#seen(key, entry) : undefined;
      if (seen === undefined) throw error;
      this.#parts.counts.memoryStoodIn++;
      this.#parts.emitter.emit("stale", { key, tier: "memory" });
      return seen.value;
    }
  }

  /** The last value that this process saw, if it may stand in. */
  #seen(key: string, entry: EntrySettings): Stale | undefined {
    const kept = entry.failSafeMs > 0 ? this.#parts.memory?.fallback(key) : undefined;
    return kept && { value: kept.value, until: kept.staleUntil };
  }

  /** Computes the value of an entry that has not ended, while that is served. */
  refresh(key: string, token: string, factory: Factory<unknown>, entry: EntrySettings, current: Value): void {
    this.#parts.counts.early++;
    const guard = this.#parts.guards.begin(key);
    this.#behind(this.#compute({ key, token, guard, entry }, factory, true, current), () => this.#parts.guards.end(guard));
  }

  /** Waited for by `idle`. How it fails is told by the event `failed`, and to who waits for it. */
  #behind(run: Promise<unknown>, ended?: () => void): void {
    const settled = (): void => {
      ended?.();
      this.#background.delete(run);
    };
    this.#background.add(run);
    run.then(settled, settled);
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.#background);
  }

  async #compute(run: Run, factory: Factory<unknown>, leads: boolean, stale: Value | undefined): Promise<unknown> {
    const { counts, emitter, epochs } = this.#parts;
    const { key, token, entry } = run;
    const asOf = performance.now();
    // Read before the factory starts: a tag that is invalidated while it runs invalidates what it answers.
    const { unbound } = epochs;
    const bonds = leads ? await settled(epochs.take(bondsOf(entry.tags))) : undefined;
    const startedAt = performance.now();
    const load = new Load<unknown>(key, copied(this.#parts, stale?.value));
    const renewal = leads ? this.#renew(key, token) : undefined;
    let value: unknown;
    counts.runs++;
    try {
      value = await this.#within(load, factory);
    } catch (error) {
      counts.factoryErrors++;
      emitter.emit("failed", { key, error });
      if (leads) await this.#release(key, token, stale === undefined ? 0 : entry.throttleMs);
      throw error;
    } finally {
      clearInterval(renewal);
      counts.busyMs += performance.now() - startedAt;
    }
    if (leads && (load.skipped || bonds === undefined)) await this.#release(key, token, 0);
    if (load.skipped) return value;
    const settings = load.ttlMs === undefined ? entry : { ...entry, ttlMs: load.ttlMs };
    await this.#store({ ...run, entry: settings }, value, bonds ?? [unbound], leads && bonds !== undefined, { startedAt, asOf });
    return value;
  }

  /** Stores a value in both tiers. A caller gets it in any case, so nothing that goes wrong here is thrown. */
  async #store(
    { key, token, guard, entry }: Run,
    value: unknown,
    epochs: readonly Epoch[],
    leads: boolean,
    { startedAt, asOf }: { readonly startedAt: number; readonly asOf: number },
  ): Promise<void> {
    const { counts, emitter, redis } = this.#parts;
    const tookMs = performance.now() - startedAt;
    let kept: unknown;
    let made: Made;
    try {
      kept = copied(this.#parts, value);
      // Without epochs it goes to memory only; what is written here is then a measure of its size, and nothing else.
      made = await make(this.#parts, key, encode(this.#parts, value), epochs, entry, tookMs);
    } catch (error) {
      emitter.emit("failed", { key, error });
      if (leads) await this.#release(key, token, 0);
      if (error instanceof CacheTooLargeError) return;
      throw error;
    }
    const filledAt = performance.now();
    let stored: boolean | undefined = leads ? false : undefined;
    try {
      if (leads) stored = await redis.fill(key, token, made);
    } catch (error) {
      this.#away(error);
      stored = undefined;
    }
    if (stored) counts.bytesWritten += made.entry.length;
    if (stored === false) counts.lost++;
    emitter.emit("filled", { key, tookMs, bytes: made.entry.length, stored: stored === true });
    if (stored === false || !guard.clean) return;
    // Redis took it under the lead, so no invalidation came before that; otherwise all that is known is when it began.
    const since = stored ? filledAt : asOf;
    const facts = { asOf: since, leftMs: made.ttlMs, beta: entry.beta, size: made.entry.length, stale: false };
    keep(this.#parts, key, kept, made, epochs, facts);
  }

  /** A factory failed, and its stale value is served; without trying again, for as long as `throttle`. */
  #standIn(flight: Flight, stale: StaleValue, entry: EntrySettings): unknown {
    const { counts, emitter } = this.#parts;
    counts.redisStale++;
    emitter.emit("stale", { key: flight.key, tier: "redis" });
    if (flight.guard.clean && entry.throttleMs > 0) {
      const { asOf, epochs, value, until } = stale;
      // Neither the pause nor what stands in afterwards outlasts its time as a stale one.
      const leftMs = Math.min(performance.now() + entry.throttleMs, until) - asOf;
      const known = { ...stale.entry, graceMs: until - asOf - leftMs };
      keep(this.#parts, flight.key, value, known, epochs, { asOf, leftMs, beta: 0, size: stale.entry.size, stale: true });
    }
    return stale.value;
  }

  async #within(load: Load<unknown>, factory: Factory<unknown>): Promise<unknown> {
    const answer = factory(load.context as never);
    if (typeof (answer as Partial<Promise<unknown>> | null | undefined)?.then !== "function") return answer;
    const { factoryTimeoutMs } = this.#parts.settings;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new CacheTimeoutError(load.context.key, factoryTimeoutMs, "factoryTimeout");
        load.abort(error);
        reject(error);
      }, factoryTimeoutMs).unref();
    });
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Keeps the lead while the factory runs, so that a slow factory is not taken for a dead process. */
  #renew(key: string, token: string): NodeJS.Timeout {
    const timer = setInterval(() => {
      this.#parts.redis.renew(key, token).then(
        (held) => {
          if (!held) clearInterval(timer);
        },
        (error: unknown) => this.#away(error),
      );
    }, this.#parts.settings.leaseMs / 3).unref();
    return timer;
  }

  async #release(key: string, token: string, pauseMs: number): Promise<void> {
    try {
      await this.#parts.redis.release(key, token, pauseMs);
    } catch (error) {
      // It lapses by itself.
      this.#away(error);
    }
  }

  /** Whatever is not Redis' doing is a mistake in a program, and is not taken for an outage. */
  #away(error: unknown): void {
    if (!(error instanceof ScriptError)) throw error;
    this.#parts.counts.redisErrors++;
    this.#parts.emitter.emit("unavailable", { error });
  }
}

/** The epochs, or `undefined` if Redis could not be asked: then the value is kept in memory only. */
async function settled(epochs: readonly Epoch[] | Promise<readonly Epoch[]>): Promise<readonly Epoch[] | undefined> {
  try {
    return await epochs;
  } catch (error) {
    if (error instanceof ScriptError) return undefined;
    throw error;
  }
}
