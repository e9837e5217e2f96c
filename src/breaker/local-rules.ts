import type { Settings } from "./options.ts";
import type { BreakerInspection, Counts, Permits, ProbeOutcome, Standing, StateName } from "./state.ts";
import { RollingWindow } from "./window.ts";

/**
 * The rules of a breaker, kept in this process: what Redis' scripts do, without Redis.
 *
 * `minReporters` does not count here: one process is all there is, and opens for itself alone.
 */
export class LocalRules {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #window: RollingWindow;
  readonly #probes = new Map<string, number>();
  #state: StateName = "closed";
  #generation = 0;
  #endsAt = 0;
  #attempt = 0;
  #passed = 0;
  #failed = 0;

  /** @param now milliseconds from any beginning, in whole numbers */
  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.#window = new RollingWindow(settings.bucketMs, settings.buckets);
  }

  standing(): Standing {
    const now = this.#now();
    if (this.#isForced && this.#endsAt <= now) {
      this.#state = "closed";
      this.#endsAt = 0;
    }
    const leftMs = Math.max(0, this.#endsAt - now);
    return { state: this.#state, generation: this.#generation, leftMs, attempt: this.#attempt };
  }

  /** Stands from now on as the shared breaker does. */
  follow({ state, generation, leftMs, attempt }: Standing): void {
    this.#move(state, leftMs, generation);
    this.#attempt = attempt;
  }

  /** Counts calls without a conclusion: those that the shared breaker draws its own from. */
  count(counts: Counts): void {
    this.#window.add(this.#now(), counts);
  }

  /** Counts calls, and opens if that makes too many bad ones. */
  report(counts: Counts): Standing {
    const { state } = this.standing();
    if (state !== "closed" && state !== "forced-closed") return this.standing();
    this.count(counts);
    if (state === "closed" && this.#isTooBad(this.#window.totals(this.#now()))) this.#open();
    return this.standing();
  }

  acquire(ids: readonly string[]): Permits {
    const now = this.#now();
    if (this.standing().state === "open" && this.#endsAt <= now) this.#move("half-open", 0);
    if (this.#state !== "half-open") return { standing: this.standing(), granted: [], retryInMs: 0 };
    for (const [id, leaseEndsAt] of this.#probes) if (leaseEndsAt <= now) this.#probes.delete(id);
    const granted = ids.map((id) => {
      if (this.#probes.size + this.#passed + this.#failed >= this.#settings.probes) return false;
      this.#probes.set(id, now + this.#settings.probeLeaseMs);
      return true;
    });
    const first = Math.min(...this.#probes.values());
    return { standing: this.standing(), granted, retryInMs: Number.isFinite(first) ? Math.max(1, first - now) : 1 };
  }

  settle(id: string, generation: number, outcome: ProbeOutcome): Standing {
    const { state } = this.standing();
    if (state !== "half-open" || generation !== this.#generation || !this.#probes.delete(id)) return this.standing();
    if (outcome === "passed") this.#passed++;
    if (outcome === "failed") this.#failed++;
    if (this.#failed > this.#settings.probeFailures) this.#open();
    else if (this.#passed + this.#failed >= this.#settings.probes) this.#move("closed", 0);
    return this.standing();
  }

  force(state: StateName, leftMs: number): Standing {
    this.#move(state, leftMs);
    this.#attempt = 0;
    return this.standing();
  }

  inspect(): Omit<BreakerInspection, "state" | "source" | "failureRate" | "slowRate"> {
    const now = this.#now();
    const counts = this.#window.totals(now);
    const underWay = [...this.#probes.values()].filter((leaseEndsAt) => leaseEndsAt > now).length;
    const reporters = counts.failed + counts.slow > 0 ? 1 : 0;
    return { ...counts, probes: { underWay, passed: this.#passed, failed: this.#failed }, reporters };
  }

  get #isForced(): boolean {
    return this.#state === "forced-open" || this.#state === "forced-closed" || this.#state === "disabled";
  }

  #isTooBad({ calls, failed, slow }: Counts): boolean {
    const { minimumCalls, failureRate, slowCallRate } = this.#settings;
    // Divided and not multiplied: in binary fractions 0.1 * 30 is more than 3, but 3 / 30 is 0.1.
    return calls >= minimumCalls && (failed / calls >= failureRate || slow / calls >= slowCallRate);
  }

  #open(): void {
    const { baseMs, factor, maxMs } = this.#settings.open;
    this.#attempt++;
    this.#move("open", Math.floor(Math.min(maxMs, baseMs * factor ** (this.#attempt - 1)) + 0.5));
  }

  #move(state: StateName, leftMs: number, generation: number = this.#generation + 1): void {
    this.#state = state;
    this.#generation = generation;
    this.#endsAt = leftMs > 0 ? this.#now() + leftMs : 0;
    this.#passed = 0;
    this.#failed = 0;
    if (state === "closed") this.#attempt = 0;
    this.#probes.clear();
    this.#window.clear();
  }
}
