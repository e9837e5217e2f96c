/** A place that this process gave. */
interface Given {
  readonly cost: number;
  readonly until: number;
}

/** What the holder of a place does with it. */
export interface LocalPlace {
  /** Makes the lease begin anew, unless it has lapsed: the place may have been given away since. */
  readonly prolong: () => void;
  readonly end: () => void;
}

/** Places that this process gave by itself while Redis was away, each under a lease. */
export class LocalPlaces {
  readonly #limit: number;
  readonly #leaseMs: number;
  readonly #now: () => number;
  /** By identity, the permits that were given. */
  readonly #given = new Map<string, Map<string, Given>>();
  #sweepAt = 0;

  /** @param now milliseconds from any beginning */
  constructor(limit: number, leaseMs: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  /** How many identities are remembered. */
  get identities(): number {
    return this.#given.size;
  }

  /** Gives so many places of an identity, if there are. */
  take(identity: string, permit: string, cost: number): LocalPlace | undefined {
    this.#drop(identity);
    let used = cost;
    for (const given of this.#given.get(identity)?.values() ?? []) used += given.cost;
    if (used > this.#limit) return undefined;
    const begin = (): void => {
      const all = this.#given.get(identity) ?? new Map<string, Given>();
      this.#given.set(identity, all.set(permit, { cost, until: this.#now() + this.#leaseMs }));
    };
    const prolong = (): void => {
      this.#drop(identity);
      if (this.#given.get(identity)?.has(permit)) begin();
    };
    const end = (): void => {
      const all = this.#given.get(identity);
      if (all?.delete(permit) && all.size === 0) this.#given.delete(identity);
    };
    begin();
    return { prolong, end };
  }

  /** Forgets all that lapsed, now and then: who never comes back would be remembered for ever. */
  sweep(): void {
    if (this.#given.size === 0 || this.#now() < this.#sweepAt) return;
    this.#sweepAt = this.#now() + this.#leaseMs;
    for (const identity of this.#given.keys()) this.#drop(identity);
  }

  #drop(identity: string): void {
    const all = this.#given.get(identity);
    if (all === undefined) return;
    for (const [permit, { until }] of all) if (until <= this.#now()) all.delete(permit);
    if (all.size === 0) this.#given.delete(identity);
  }
}
