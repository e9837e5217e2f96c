import type { Report } from "./shared-rules.ts";
import type { Counts } from "./state.ts";
import { RollingWindow } from "./window.ts";

/**
 * What this process counted and Redis has not acknowledged.
 *
 * A report that is under way is kept until it is answered, and sent again as it is: Redis counts it once. What is counted while
 * Redis is away is kept for as long as it would be in the window.
 */
export class Tally {
  #calls = 0;
  #failed = 0;
  #slow = 0;
  #number = 0;
  #report: Report | undefined;
  #reportedAt = 0;
  readonly #away: RollingWindow;
  readonly #windowMs: number;

  constructor(bucketMs: number, buckets: number) {
    this.#away = new RollingWindow(bucketMs, buckets);
    this.#windowMs = bucketMs * buckets;
  }

  /** Whether anything waits to be handed in. */
  get isEmpty(): boolean {
    return this.#calls === 0 && this.#report === undefined;
  }

  add(failed: boolean, slow: boolean): void {
    this.#calls++;
    if (failed) this.#failed++;
    if (slow) this.#slow++;
  }

  /** Takes out what was counted since it was last taken; `undefined` if that is nothing. */
  take(): Counts | undefined {
    if (this.#calls === 0) return undefined;
    const counts = { calls: this.#calls, failed: this.#failed, slow: this.#slow };
    this.#calls = this.#failed = this.#slow = 0;
    return counts;
  }

  /** The report to send: the one that was not answered, or a new one, of which `cut` is told. */
  next(generation: number, now: number, cut: (counts: Counts) => void): Report | undefined {
    if (this.#report !== undefined && now - this.#reportedAt > this.#windowMs) this.#report = undefined;
    if (this.#report !== undefined) return this.#report;
    const counts = this.take();
    if (counts === undefined) return undefined;
    cut(counts);
    return this.#make(generation, now, counts);
  }

  /** The report was answered. */
  answered(): void {
    this.#report = undefined;
  }

  /** Reports are numbered after the server's time, so that Redis can tell the numbers that it need not remember. */
  heard(serverNow: number): void {
    this.#number = Math.max(this.#number, serverNow);
  }

  /** Keeps what was counted while Redis is away. */
  keep(counts: Counts, now: number): void {
    this.#away.add(now, counts);
  }

  /** Forgets what was kept: this process has seen since that it is over. */
  forget(): void {
    this.#away.clear();
  }

  /** A report of what was kept and is still in the window. */
  kept(generation: number, now: number): Report | undefined {
    const counts = this.#away.totals(now);
    this.#away.clear();
    return counts.calls === 0 ? undefined : this.#make(generation, now, counts);
  }

  #make(generation: number, now: number, counts: Counts): Report {
    this.#reportedAt = now;
    this.#report = { number: ++this.#number, generation, ...counts };
    return this.#report;
  }
}
