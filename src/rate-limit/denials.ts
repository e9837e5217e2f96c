import { LRUCache } from "lru-cache";
import type { Denied } from "./decision.ts";

interface Remembered {
  readonly cost: number;
  readonly at: number;
  readonly until: number;
  readonly denied: Denied;
}

/**
 * Denials that this process remembers, so that who is over the limit costs no round trip.
 *
 * That a cost was denied says only that the same or a higher cost will be, until that one would fit again; a lower one is still
 * asked for.
 */
export class Denials {
  readonly #known: LRUCache<string, Remembered> | undefined;
  readonly #forMs: number;
  readonly #now: () => number;
  #era = 0;

  /** @param forMs at most so long: another process may have given something back meanwhile */
  constructor(count: number, forMs: number, now: () => number) {
    this.#known = count > 0 && forMs > 0 ? new LRUCache({ max: count }) : undefined;
    this.#forMs = forMs;
    this.#now = now;
  }

  /** To hand to {@link remember}: what is forgotten after this is not remembered by an answer that was on its way. */
  get era(): number {
    return this.#era;
  }

  /** The clock that denials are remembered by. */
  now(): number {
    return this.#now();
  }

  /** @param askedAt when Redis was asked: counted from then on, a denial never lasts too long */
  remember(identity: string, cost: number, denied: Denied, askedAt: number, era: number): void {
    if (this.#known === undefined || era !== this.#era || denied.retryInMs === undefined) return;
    const until = askedAt + Math.min(denied.retryInMs, this.#forMs);
    const known = this.#known.get(identity);
    // The lower cost answers more calls.
    if (known !== undefined && known.cost < cost && known.until > this.#now()) return;
    this.#known.set(identity, { cost, at: askedAt, until, denied });
  }

  /** The answer to a cost, if it is known to be a denial. */
  find(identity: string, cost: number): Denied | undefined {
    if (this.#known === undefined || this.#known.size === 0) return undefined;
    const known = this.#known.get(identity);
    if (known === undefined || cost < known.cost) return undefined;
    const now = this.#now();
    // A clock that a test turned back proves nothing either.
    if (now >= known.until || now < known.at) {
      this.#known.delete(identity);
      return undefined;
    }
    return aged(known.denied, Math.floor(now - known.at));
  }

  /** Forgets what is known of an identity, because it may be allowed again. */
  forget(identity: string): void {
    this.#era++;
    this.#known?.delete(identity);
  }
}

function aged(denied: Denied, ms: number): Denied {
  return {
    ...denied,
    retryInMs: denied.retryInMs === undefined ? undefined : Math.max(1, denied.retryInMs - ms),
    resetInMs: Math.max(0, denied.resetInMs - ms),
    remembered: true,
    policies: denied.policies.map((report) => ({
      ...report,
      retryInMs: report.retryInMs === undefined ? undefined : Math.max(report.allowed ? 0 : 1, report.retryInMs - ms),
      resetInMs: Math.max(0, report.resetInMs - ms),
    })),
  };
}
