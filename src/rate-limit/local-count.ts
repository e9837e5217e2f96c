import { LRUCache } from "lru-cache";
import type { Policy } from "./policy.ts";

/** How full an identity's buckets are, as calls, and when that was. */
interface Buckets {
  readonly levels: number[];
  at: number;
}

/**
 * Counts in this process, while Redis is away: each policy as a leaky bucket, of the share of the limit that is this process'.
 */
export class LocalCount {
  readonly #shares: readonly { readonly capacity: number; readonly perMs: number }[];
  readonly #known: LRUCache<string, Buckets>;

  /** @param instances how many processes share the limit */
  constructor(policies: readonly Policy[], instances: number, identities: number) {
    this.#shares = policies.map(({ capacity, limit, perMs }) => ({
      capacity: Math.max(1, Math.floor(capacity / instances)),
      perMs: limit / instances / perMs,
    }));
    this.#known = new LRUCache({ max: identities });
  }

  /** Books a cost under every policy, or answers in how many milliseconds it fits; `undefined` if it never will. */
  take(identity: string, cost: number): { readonly allowed: boolean; readonly retryInMs: number | undefined } {
    const now = performance.now();
    const known = this.#known.get(identity) ?? { levels: this.#shares.map(() => 0), at: now };
    const drained = known.levels.map((level, index) => Math.max(0, level - (now - known.at) * this.#share(index).perMs));
    let retryInMs = 0;
    for (const [index, level] of drained.entries()) {
      const { capacity, perMs } = this.#share(index);
      if (cost > capacity) return { allowed: false, retryInMs: undefined };
      retryInMs = Math.max(retryInMs, Math.ceil((level + cost - capacity) / perMs));
    }
    if (retryInMs > 0) return { allowed: false, retryInMs };
    this.#known.set(identity, { levels: drained.map((level) => level + cost), at: now });
    return { allowed: true, retryInMs: undefined };
  }

  /** Forgets what an identity used. */
  forget(identity: string): void {
    this.#known.delete(identity);
  }

  #share(index: number): { readonly capacity: number; readonly perMs: number } {
    return this.#shares[index] as { readonly capacity: number; readonly perMs: number };
  }
}
