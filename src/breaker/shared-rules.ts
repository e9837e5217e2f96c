import type { RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import { type BreakerKeys, breakerKeys } from "./keys.ts";
import type { Settings } from "./options.ts";
import * as scripts from "./scripts.gen.ts";
import { type BreakerInspection, type Counts, type Permits, type ProbeOutcome, readStanding, type Standing } from "./state.ts";

/** What a process counted since it last reported. Sent again, it is the same: it counts once. */
export interface Report extends Counts {
  /** Each report of an instance has a higher one. */
  readonly number: number;
  readonly generation: number;
}

/** What Redis knows of a breaker. */
export interface SharedView extends Omit<BreakerInspection, "state" | "source" | "failureRate" | "slowRate"> {
  readonly standing: Standing;
  /** The server's time. */
  readonly nowMs: number;
}

type Words = Standing & { readonly nowMs: number };

/** The rules of a breaker, kept in Redis: one script each. Every method rejects with a `ScriptError` and with nothing else. */
export class SharedRules {
  readonly redis: RedisPort;
  readonly keys: BreakerKeys;
  readonly #instance: string;
  readonly #settings: Settings;

  /** @param instance unique name of this process, for this breaker */
  constructor(redis: RedisPort, name: string, instance: string, settings: Settings) {
    this.redis = redis;
    this.keys = breakerKeys(name);
    this.#instance = instance;
    this.#settings = settings;
  }

  async read(): Promise<SharedView> {
    const { state, probes, failing } = this.keys;
    const { bucketMs, buckets } = this.#settings;
    const reply = await run(
      this.redis,
      scripts.read,
      { state, probes, failing },
      { bucketMs, buckets, ...this.#now },
      this.#limit,
    );
    const { calls, failed, slow, probing, passed, refused, reporters } = reply;
    return {
      standing: standingOf(reply.standing),
      nowMs: reply.standing.nowMs,
      calls,
      failed,
      slow,
      probes: { underWay: probing, passed, failed: refused },
      reporters,
    };
  }

  async report(report: Report): Promise<Standing & { readonly nowMs: number }> {
    const { bucketMs, buckets, minimumCalls, failureRate, slowCallRate, minReporters, ttlMs } = this.#settings;
    const window = { bucketMs, buckets, minimumCalls, failureRate, slowRate: slowCallRate, minReporters };
    const { number, generation, calls, failed, slow } = report;
    const seen = { instance: this.#instance, number, generation, calls, failed, slow };
    const args = { ...seen, ...window, ...this.#settings.open, ttlMs, ...this.#now };
    const reply = await run(this.redis, scripts.report, this.keys, args, this.#limit);
    return { ...standingOf(reply), nowMs: reply.nowMs };
  }

  async acquire(ids: readonly string[]): Promise<Permits> {
    const { probes: permits, probeLeaseMs: leaseMs, ttlMs } = this.#settings;
    const args = { permits, leaseMs, ttlMs, ids, ...this.#now };
    const { standing, granted, retryInMs } = await run(this.redis, scripts.acquire, this.keys, args, this.#limit);
    return { standing: standingOf(standing), granted, retryInMs };
  }

  async settle(id: string, generation: number, outcome: ProbeOutcome): Promise<Standing> {
    const { probes: permits, probeFailures: failures, ttlMs } = this.#settings;
    const args = { id, generation, outcome, permits, failures, ...this.#settings.open, ttlMs, ...this.#now };
    return standingOf(await run(this.redis, scripts.settle, this.keys, args, this.#limit));
  }

  async force(order: string, state: Standing["state"], leftMs: number): Promise<Standing> {
    const args = { order, state, leftMs, ttlMs: this.#settings.ttlMs, ...this.#now };
    return standingOf(await run(this.redis, scripts.force, this.keys, args));
  }

  get #now(): { readonly now?: number } {
    const { now } = this.#settings;
    return now === undefined ? {} : { now: now() };
  }

  get #limit(): { readonly timeout: number } {
    return { timeout: this.#settings.patienceMs };
  }
}

/** A state that a later version of redlua may know and this one does not lets calls pass: it is no reason to refuse them. */
function standingOf(words: Omit<Words, "state"> & { readonly state: string }): Standing {
  return readStanding(words) ?? { state: "closed", generation: words.generation, leftMs: 0, attempt: 0 };
}
