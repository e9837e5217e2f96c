import { randomUUID } from "node:crypto";
import type { Applied, RedisPort } from "../client/index.ts";
import {
  callable,
  type Duration,
  duration,
  Emitter,
  integer,
  type Off,
  oneOf,
  readOptions,
  required,
  withDefault,
} from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { run, type ScriptError, tryRun } from "../script/index.ts";
import type { OnUnavailable } from "./decision.ts";
import { permitsKey } from "./keys.ts";
import { LocalPlaces } from "./local-places.ts";
import { type CallOptions, checkIdentity, costOf, named } from "./name.ts";
import { Permit, type PermitPlace } from "./permit.ts";
import { acquirePermit, releasePermit } from "./scripts.gen.ts";
import { readWaiting, untilAllowed, type WaitOptions } from "./waiting.ts";

/** Options of a {@link ConcurrencyLimiter}. */
export interface ConcurrencyLimiterOptions {
  /** Part of every key. Limiters of one name share their places. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** So many at once, for each identity. */
  readonly limit: number;
  /** How long a place is held if nobody renews or releases it, so that a process that dies does not keep it. @default "30s" */
  readonly lease?: Duration;
  /** What is decided when Redis cannot be asked: has to be chosen. */
  readonly onUnavailable: OnUnavailable;
  /** How long Redis may take before `onUnavailable` decides. @default "250ms" */
  readonly timeout?: Duration;
  /** For `onUnavailable: "local"`: how many processes share the limit, so what this one's share is. @default 1 */
  readonly instances?: number;
  /** Over how many hash slots the identities are spread; all processes must have the same. @default 8 */
  readonly shards?: number;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** Whether there was a place. Release the permit when the work is done. */
export type ConcurrencyDecision =
  | { readonly outcome: "allowed"; readonly allowed: true; readonly permit: Permit; readonly remaining: number }
  | {
      readonly outcome: "denied";
      readonly allowed: false;
      readonly reason: "limit" | "cost";
      readonly remaining: number;
      /** When enough leases have lapsed at the latest; a release makes it sooner. `undefined` if never. */
      readonly retryInMs: number | undefined;
    }
  | {
      readonly outcome: "degraded";
      readonly allowed: boolean;
      /** What decided in place of Redis. */
      readonly mode: OnUnavailable;
      readonly error: ScriptError;
      readonly applied: Applied;
      /** Present if it is allowed. */
      readonly permit: Permit | undefined;
      readonly retryInMs: number | undefined;
    };

/** What a concurrency limiter tells, on the same channels as a {@link RateLimiter}. */
export interface ConcurrencyLimiterEvents {
  readonly denied: {
    readonly limiter: string;
    readonly identity: string;
    readonly cost: number;
    readonly decision: ConcurrencyDecision;
  };
  readonly degraded: {
    readonly limiter: string;
    readonly identity: string;
    readonly cost: number;
    readonly decision: ConcurrencyDecision;
  };
}

/** What a client is told of when to come back while Redis is away. */
const awayRetryMs = 1_000;
/** A place is freed by whoever has it, at any moment, so who waits looks again at least so often. */
const lookAgainMs = 100;

/**
 * Limits how many run at once, for each of many identities, across processes.
 *
 * @example
 * const limiter = new ConcurrencyLimiter(redis, { name: "exports", limit: 2, lease: "1m", onUnavailable: "closed" });
 * const decision = await limiter.consume("user:1");
 * if (decision.allowed) {
 *   await using _ = decision.permit;
 *   await exportEverything();
 * }
 */
export class ConcurrencyLimiter {
  readonly name: string;
  readonly limit: number;
  readonly #redis: RedisPort;
  readonly #settings: {
    readonly lease: number;
    readonly onUnavailable: OnUnavailable;
    readonly timeout: number;
    readonly instances: number;
    readonly shards: number;
    readonly now: () => number | undefined;
  };
  readonly #local: LocalPlaces;
  readonly #events = new Emitter<ConcurrencyLimiterEvents>("rate-limit", { denied: true, degraded: true });

  /** @throws {InvalidInputError} if an option is unknown, missing or cannot be used; Redis is not asked */
  constructor(redis: RedisPort, options: ConcurrencyLimiterOptions) {
    checkPort("ConcurrencyLimiter", redis);
    this.#redis = redis;
    const read = readOptions("ConcurrencyLimiter", options, {
      name: required(named()),
      limit: required(integer({ min: 1, max: 1_000 })),
      lease: withDefault(duration({ min: 1, max: 400 * 86_400_000 }), "30s"),
      onUnavailable: required(oneOf("closed", "open", "local")),
      timeout: withDefault(duration({ min: 1 }), "250ms"),
      instances: withDefault(integer({ min: 1, max: 1_000_000 }), 1),
      shards: withDefault(integer({ min: 1, max: 1_024 }), 8),
      now: withDefault(callable<() => number | undefined>(), () => undefined),
    });
    this.name = read.name;
    this.limit = read.limit;
    this.#settings = read;
    this.#local = new LocalPlaces(Math.max(1, Math.floor(read.limit / read.instances)), read.lease);
  }

  /** Calls a listener at each event of a name, until the function that this answers is called. */
  on<Name extends keyof ConcurrencyLimiterEvents>(name: Name, listener: (event: ConcurrencyLimiterEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  /**
   * Takes a place if there is one. Never rejects because Redis is away: the decision is then `degraded` and says why.
   *
   * @throws {InvalidInputError} `INPUT_INVALID` if the identity or the cost cannot be used
   */
  async consume(identity: string, options?: CallOptions): Promise<ConcurrencyDecision> {
    checkIdentity(identity);
    const cost = costOf("consume", options);
    if (cost > this.limit) {
      return this.#tell("denied", identity, cost, {
        outcome: "denied",
        allowed: false,
        reason: "cost",
        remaining: 0,
        retryInMs: undefined,
      });
    }
    const { lease, now, timeout } = this.#settings;
    this.#local.sweep();
    const permit = randomUUID();
    const place = this.#placeOf(identity);
    const args = { permit, places: cost, limit: this.limit, leaseMs: lease, now: now() };
    const outcome = await tryRun(this.#redis, acquirePermit, { permits: place.permits }, args, { timeout });
    if (!outcome.ok) return this.#tell("degraded", identity, cost, this.#degraded(identity, permit, cost, outcome.error));
    const reply = outcome.value;
    if (reply.outcome === "granted") {
      return { outcome: "allowed", allowed: true, permit: new Permit(permit, cost, place), remaining: reply.free };
    }
    const { free: remaining, retryInMs } = reply;
    return this.#tell("denied", identity, cost, { outcome: "denied", allowed: false, reason: "limit", remaining, retryInMs });
  }

  /**
   * Waits for a place: a denial if none comes within `wait`. Who waits is not in line: others may come first.
   *
   * @throws the signal's reason, if it fires
   * @throws {InvalidInputError} `INPUT_INVALID` if the identity or the cost cannot be used
   */
  async acquire(identity: string, options: WaitOptions = {}): Promise<ConcurrencyDecision> {
    const waiting = readWaiting(options);
    return untilAllowed(waiting, (cost) => this.consume(identity, cost), lookAgainMs);
  }

  #degraded(identity: string, id: string, cost: number, error: ScriptError): ConcurrencyDecision {
    const { onUnavailable: mode } = this.#settings;
    const place = this.#placeOf(identity);
    const local = mode === "local" ? this.#local.take(identity, id, cost) : undefined;
    const allowed = mode === "open" || local !== undefined;
    const facts = { outcome: "degraded", allowed, mode, error, applied: error.applied } as const;
    if (allowed) return { ...facts, permit: new Permit(id, cost, place, local), retryInMs: undefined };
    // What Redis may have given all the same is given back; if that is lost too, the lease lapses.
    const given = { permit: id, places: cost };
    if (error.applied === "maybe") run(this.#redis, releasePermit, { permits: place.permits }, given).catch(() => {});
    return { ...facts, permit: undefined, retryInMs: awayRetryMs };
  }

  #placeOf(identity: string): PermitPlace {
    const { lease, now, timeout, shards } = this.#settings;
    return { redis: this.#redis, permits: permitsKey(this.name, shards, identity), leaseMs: lease, timeoutMs: timeout, now };
  }

  #tell(name: "denied" | "degraded", identity: string, cost: number, decision: ConcurrencyDecision): ConcurrencyDecision {
    if (this.#events.heard(name)) this.#events.emit(name, { limiter: this.name, identity, cost, decision });
    return decision;
  }
}
