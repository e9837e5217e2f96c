import type { RedisPort } from "../client/index.ts";
import { callable, type Duration, duration, InvalidInputError, readOptions, show, text } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { run } from "../script/index.ts";
import { offsetField, type Period, periodField } from "./calendar.ts";
import { checkName, counterKey } from "./keys.ts";
import { whole } from "./options.ts";
import { count, readCount, resetCount } from "./scripts.gen.ts";

/** When a {@link Counter} begins anew. One of `after` and `each` must be given, so that no count stays for ever. */
export interface CounterOptions {
  /** What is counted; part of every key. */
  readonly name: string;
  /** So long after its first increment. */
  readonly after?: Duration;
  /** With each period of the calendar, for everyone at once. */
  readonly each?: Period;
  /** How far the calendar is ahead of UTC, `"+02:00"`. It does not follow daylight saving time. @default "Z" */
  readonly offset?: string;
  /** Also when the count would go above it: it begins again with that increment. @default none */
  readonly threshold?: number | bigint;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** A count, and when it begins anew. */
export interface Count {
  /** Exact up to 2^63. */
  readonly value: bigint;
  /** When it begins anew, in milliseconds since 1970 by the server's clock. */
  readonly resetAt: number;
  readonly resetInMs: number;
}

/** The outcome of an increment. */
export interface Counted extends Count {
  /** It began anew with this increment. */
  readonly began: boolean;
}

/**
 * Counts for each of many ids, and begins anew by itself: some time after the first increment, with the calendar, at a threshold.
 * The time is the server's. Increments write once: they are never sent again by themselves.
 *
 * @example
 * const requests = new Counter(redis, { name: "requests", each: "day", offset: "+01:00" });
 * const { value, resetInMs } = await requests.increment("user:7");
 */
export class Counter {
  readonly #redis: RedisPort;
  readonly #name: string;
  readonly #period: { readonly afterMs: number | undefined; readonly each: string; readonly offsetMs: number };
  readonly #threshold: bigint | undefined;
  readonly #now: () => number | undefined;

  /** @throws {InvalidInputError} if an option is unknown, unusable or missing */
  constructor(redis: RedisPort, options: CounterOptions) {
    checkPort("Counter", redis);
    const { name, after, each, offset, threshold, now } = readOptions("Counter", options, {
      name: { ...text({ max: 512 }), required: true },
      after: duration({ min: 1, max: 366 * 86_400_000 }),
      each: periodField(),
      offset: offsetField(),
      threshold: whole({ min: 1n }),
      now: callable<() => number>(),
    });
    checkName("Counter.name", name);
    if ((after === undefined) === (each === undefined)) {
      const message = `Counter begins anew either "after" a while or with "each" period: give one of them, not ${after === undefined ? "none" : "both"}.`;
      throw new InvalidInputError(after === undefined ? "OPTION_MISSING" : "OPTION_INVALID", "Counter.each", message);
    }
    this.#redis = redis;
    this.#name = name;
    this.#period = { afterMs: after, each: each ?? "", offsetMs: offset };
    this.#threshold = threshold;
    this.#now = now ?? (() => undefined);
  }

  /**
   * Adds to a count.
   *
   * @param by how much; less than nothing to take away. At most the threshold
   * @throws {InvalidInputError} `by` is no whole number, or more than the threshold
   * @throws {ScriptError} the call failed; `applied` says whether it may have counted
   */
  async increment(id: string, by: number | bigint = 1): Promise<Counted> {
    const step = whole().read(by);
    if (step === undefined || (this.#threshold !== undefined && step > this.#threshold)) {
      const limit = this.#threshold === undefined ? "" : ` up to the threshold of ${this.#threshold}`;
      throw new InvalidInputError("INPUT_INVALID", "by", `by must be a whole number${limit}, not ${show(by)}.`);
    }
    const args = { by: step, threshold: this.#threshold, ...this.#period, now: this.#now() };
    const { value, began, resetAt, nowMs } = await run(this.#redis, count, { counter: this.#key(id) }, args);
    return { value, resetAt, resetInMs: resetAt - nowMs, began };
  }

  /** Reads a count; `null` if nothing was counted since it began anew. */
  async get(id: string): Promise<Count | null> {
    const reply = await run(this.#redis, readCount, { counter: this.#key(id) }, { now: this.#now() });
    return reply && { value: reply.value, resetAt: reply.resetAt, resetInMs: reply.resetAt - reply.nowMs };
  }

  /** Lets a count begin anew, and answers what it had come to: nothing is counted in between. */
  async reset(id: string): Promise<bigint> {
    return await run(this.#redis, resetCount, { counter: this.#key(id) }, { now: this.#now() });
  }

  #key(id: string): string {
    checkName("id", id);
    return counterKey(this.#name, id);
  }
}
