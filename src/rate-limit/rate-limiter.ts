import type { RedisPort } from "../client/index.ts";
import { type Duration, Emitter, type Off, toMs } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { run, ScriptError } from "../script/index.ts";
import { askFor } from "./ask.ts";
import { type Allowed, type Decision, type Degraded, type Denied, type OnUnavailable, readDecision } from "./decision.ts";
import { Denials } from "./denials.ts";
import { Dispatcher } from "./dispatcher.ts";
import { LimiterKeys } from "./keys.ts";
import { LocalCount } from "./local-count.ts";
import { type CallOptions, checkCost, checkIdentity, costOf } from "./name.ts";
import { localIdentities, type RateLimiterOptions, readLimiterOptions, type Settings } from "./options.ts";
import type { Policy } from "./policy.ts";
import { block, peek, refund, reset } from "./scripts.gen.ts";
import { readWaiting, untilAllowed, type WaitOptions } from "./waiting.ts";

/** What a limiter tells. Each is also published on the `diagnostics_channel` `redlua:rate-limit:<event>`. */
export interface RateLimiterEvents {
  /** A call was denied. */
  readonly denied: { readonly limiter: string; readonly identity: string; readonly cost: number; readonly decision: Denied };
  /** Redis could not decide a call. */
  readonly degraded: { readonly limiter: string; readonly identity: string; readonly cost: number; readonly decision: Degraded };
}

/** What a client is told of when to come back while Redis is away. */
const awayRetryMs = 1_000;

/**
 * Limits how often something happens, for each of many identities, shared by every process on one Redis.
 *
 * One script decides, so 200 callers at once admit exactly the limit; calls of one tick share a round trip; what is denied is not
 * counted, and is remembered for a moment, so that who is over the limit costs nothing.
 *
 * @example
 * const limiter = new RateLimiter(redis, { name: "api", limit: 100, per: "1m", burst: 20, onUnavailable: "closed" });
 * const decision = await limiter.consume("user:1", { cost: 2 });
 * if (!decision.allowed) throw new Error(`Come back in ${decision.retryInMs} ms.`);
 */
export class RateLimiter {
  readonly #redis: RedisPort;
  readonly #settings: Settings;
  readonly #keys: LimiterKeys;
  /** The largest cost that every policy can allow. */
  readonly #capacity: number;
  readonly #dispatcher: Dispatcher;
  readonly #denials: Denials;
  readonly #local: LocalCount | undefined;
  readonly #events = new Emitter<RateLimiterEvents>("rate-limit", { denied: true, degraded: true });

  /** @throws {InvalidInputError} if an option is unknown, missing or cannot be used; Redis is not asked */
  constructor(redis: RedisPort, options: RateLimiterOptions) {
    checkPort("RateLimiter", redis);
    this.#redis = redis;
    this.#settings = readLimiterOptions(options);
    const { name, shards, policies, denials, now, onUnavailable, instances } = this.#settings;
    this.#keys = new LimiterKeys(name, shards, policies);
    this.#capacity = Math.min(...policies.map(({ capacity }) => capacity));
    this.#dispatcher = new Dispatcher((shard) => askFor(redis, this.#settings, this.#keys, shard));
    this.#denials = new Denials(denials.count, denials.forMs, now ?? (() => performance.now()));
    this.#local = onUnavailable === "local" ? new LocalCount(policies, instances, localIdentities) : undefined;
  }

  get name(): string {
    return this.#settings.name;
  }

  /** The limits, in the order in which decisions report them. */
  get policies(): readonly Policy[] {
    return this.#settings.policies;
  }

  /** Calls a listener at each event of a name, until the function that this answers is called. */
  on<Name extends keyof RateLimiterEvents>(name: Name, listener: (event: RateLimiterEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  /**
   * Counts a call if it is allowed, and says whether it is.
   *
   * Never rejects because Redis is away: the decision is then `degraded` and says why.
   *
   * @param identity who is limited: a user, an address, a key
   * @throws {InvalidInputError} `INPUT_INVALID` if the identity or the cost cannot be used
   */
  async consume(identity: string, options?: CallOptions): Promise<Decision> {
    checkIdentity(identity);
    const cost = costOf("consume", options);
    // What can never be allowed is told by Redis, which knows what is left.
    const remembered = cost > this.#capacity ? undefined : this.#denials.find(identity, cost);
    if (remembered !== undefined) return this.#denied(identity, cost, remembered);
    const { era } = this.#denials;
    const askedAt = this.#denials.now();
    const decision = await this.#dispatcher.decide(this.#keys.shardOf(identity), identity, cost);
    if (decision instanceof ScriptError) return this.#degraded(identity, cost, decision);
    // Redis is back: what was counted without it is forgotten.
    this.#local?.forget(identity);
    if (decision.allowed) return decision;
    this.#denials.remember(identity, cost, decision, askedAt, era);
    return this.#denied(identity, cost, decision);
  }

  /**
   * Waits until a call is allowed, counts it, and answers the last decision: a denial if that would take longer than `wait`, at
   * once if that is known beforehand.
   *
   * Who waits is not in line: others may come first.
   *
   * @throws the signal's reason, if it fires
   * @throws {InvalidInputError} `INPUT_INVALID` if the identity or the cost cannot be used
   */
  async acquire(identity: string, options: WaitOptions = {}): Promise<Decision> {
    return untilAllowed(readWaiting(options), (cost) => this.consume(identity, cost));
  }

  /**
   * Says what a cost would be answered, and counts nothing.
   *
   * @throws {ScriptError} if Redis could not be asked
   */
  async peek(identity: string, options?: CallOptions): Promise<Allowed | Denied> {
    checkIdentity(identity);
    const cost = costOf("peek", options);
    return this.#read(await run(this.#redis, peek, this.#states(identity), { now: this.#now(), cost, policies: this.#words() }));
  }

  /**
   * Gives back what was counted: the call failed, or cost less than was thought. Never more than was taken.
   *
   * Is not repeated if the reply is lost: `error.applied` then says `"maybe"`.
   *
   * @returns how the identity stands now
   * @throws {ScriptError} if Redis could not be asked
   */
  async refund(identity: string, cost = 1): Promise<Allowed | Denied> {
    checkIdentity(identity);
    checkCost(cost);
    const args = { now: this.#now(), cost, policies: this.#words() };
    return this.#read(await this.#changing(identity, run(this.#redis, refund, this.#states(identity), args)));
  }

  /**
   * Forgets an identity: what it has used, and that it is blocked.
   *
   * @returns whether there was anything to forget
   * @throws {ScriptError} if Redis could not be asked
   */
  async reset(identity: string): Promise<boolean> {
    checkIdentity(identity);
    this.#local?.forget(identity);
    return this.#changing(identity, run(this.#redis, reset, this.#states(identity), {}));
  }

  /**
   * Denies every call of an identity for so long, whatever it has used. `0` lifts that.
   *
   * Other processes that remember a denial of this identity see a block lifted at most as much later as they remember.
   *
   * @throws {ScriptError} if Redis could not be asked
   */
  async block(identity: string, time: Duration): Promise<void> {
    checkIdentity(identity);
    const forMs = toMs(time, "block.time");
    const keys = { block: this.#keys.block(identity) };
    await this.#changing(identity, run(this.#redis, block, keys, { forMs, now: this.#now() }));
  }

  /** What this process remembers of an identity is no longer so once a change was made, or may have been. */
  async #changing<T>(identity: string, change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      this.#denials.forget(identity);
    }
  }

  #denied(identity: string, cost: number, decision: Denied): Denied {
    if (this.#events.heard("denied")) this.#events.emit("denied", { limiter: this.name, identity, cost, decision });
    return decision;
  }

  #degraded(identity: string, cost: number, error: ScriptError): Degraded {
    const mode: OnUnavailable = this.#settings.onUnavailable;
    const counted = this.#local?.take(identity, cost) ?? {
      allowed: mode === "open",
      retryInMs: mode === "open" ? undefined : awayRetryMs,
    };
    const decision: Degraded = { outcome: "degraded", mode, error, applied: error.applied, ...counted };
    if (this.#events.heard("degraded")) this.#events.emit("degraded", { limiter: this.name, identity, cost, decision });
    return decision;
  }

  #states(identity: string): { readonly states: readonly string[] } {
    return { states: this.#keys.of(identity) };
  }

  #words(): readonly Policy["words"][] {
    return this.policies.map(({ words }) => words);
  }

  #now(): number | undefined {
    return this.#settings.now?.();
  }

  #read(reply: readonly number[]): Allowed | Denied {
    return readDecision(this.policies, reply, 0);
  }
}
