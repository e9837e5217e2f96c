import type { RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import type { LocalPlace } from "./local-places.ts";
import { releasePermit, renewPermit } from "./scripts.gen.ts";

/** What a permit needs to be renewed and given back. */
export interface PermitPlace {
  readonly redis: RedisPort;
  /** Key of the identity's permits. */
  readonly permits: string;
  readonly leaseMs: number;
  readonly timeoutMs: number;
  readonly now: () => number | undefined;
}

/**
 * One of the places that a {@link ConcurrencyLimiter} has: yours until you release it, or until its lease lapses.
 *
 * @example
 * await using permit = decision.permit; // released at the end of the block
 */
export class Permit implements AsyncDisposable {
  /** Unique. */
  readonly id: string;
  /** How many places it takes. */
  readonly cost: number;
  readonly #place: PermitPlace;
  readonly #local: LocalPlace | undefined;

  /** @internal */
  constructor(id: string, cost: number, place: PermitPlace, local?: LocalPlace) {
    this.id = id;
    this.cost = cost;
    this.#place = place;
    this.#local = local;
  }

  /**
   * Makes the lease begin anew.
   *
   * @returns `false` if it has lapsed: someone else may have the place
   * @throws {ScriptError} if Redis could not be asked
   */
  async renew(): Promise<boolean> {
    const { redis, permits, leaseMs, timeoutMs, now } = this.#place;
    this.#local?.prolong();
    const args = { permit: this.id, places: this.cost, leaseMs, now: now() };
    const reply = await run(redis, renewPermit, { permits }, args, { timeout: timeoutMs });
    return reply.outcome === "renewed";
  }

  /**
   * Gives the place back. May be called twice.
   *
   * @returns whether it was still held
   * @throws {ScriptError} if Redis could not be asked; the place comes free when the lease lapses
   */
  async release(): Promise<boolean> {
    this.#local?.end();
    const { redis, permits, timeoutMs } = this.#place;
    return run(redis, releasePermit, { permits }, { permit: this.id, places: this.cost }, { timeout: timeoutMs });
  }

  /** Releases it; if Redis is away, the lease lapses by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => {});
  }
}
