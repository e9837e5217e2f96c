import type { RedisPort } from "../client/index.ts";
import type { Off } from "../core/index.ts";
import { prefixed } from "../script/index.ts";
import { revokedChannel } from "./keys.ts";

const ofPort = new WeakMap<RedisPort, Revocations>();

/** Calls back when the lease of an owner is taken away by force. */
export function watchRevocation(redis: RedisPort, owner: string, revoked: () => void): Off {
  const revocations = ofPort.get(redis) ?? new Revocations(redis);
  ofPort.set(redis, revocations);
  return revocations.watch(owner, revoked);
}

/**
 * Leases taken away by force, as one connection hears of them. One subscription for all leases, from the first that wants it until
 * the port is closed: subscribing for each lease would cost more than the lease.
 */
class Revocations {
  readonly #redis: RedisPort;
  readonly #watched = new Map<string, () => void>();
  #subscribed = false;

  constructor(redis: RedisPort) {
    this.#redis = redis;
  }

  watch(owner: string, revoked: () => void): Off {
    this.#watched.set(owner, revoked);
    if (!this.#subscribed) void this.#subscribe();
    return () => this.#watched.delete(owner);
  }

  async #subscribe(): Promise<void> {
    this.#subscribed = true;
    try {
      const channel = prefixed(this.#redis.traits.prefix, revokedChannel);
      await this.#redis.subscribe(channel, { message: (owner) => this.#watched.get(owner)?.() });
    } catch {
      // Not allowed, or Redis is away: the next extension of the lease finds out, and the next watcher tries again.
      this.#subscribed = false;
    }
  }
}
