import { Coalescer } from "../core/index.ts";
import type { JobStore } from "../jobs/index.ts";
import type { HeldJob } from "./held-job.ts";

/** What a lease keeper needs. */
export interface LeaseKeeperParts {
  readonly store: JobStore;
  readonly leaseMs: number;
  /** No job's progress is larger. */
  readonly maxBytes: number;
  /** Every job the worker holds. */
  readonly held: ReadonlySet<HeldJob>;
  /** Called for a job that the worker no longer holds. */
  readonly lost: (held: HeldJob) => void;
  readonly onError: (error: unknown) => void;
}

interface Report {
  readonly held: HeldJob;
  readonly progress: unknown;
}

/** So many leases are extended in one call. */
const batch = 500;

/**
 * Extends the leases of the jobs a worker holds, and notices by this process' own clock when one could not be extended in
 * time: before Redis hands the job on.
 */
export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  readonly #reports: Coalescer<Report, boolean>;
  #timer: NodeJS.Timeout | undefined;
  #extending = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
    this.#reports = new Coalescer((reports) => this.#report(reports), { items: batch });
  }

  start(): void {
    // Six looks a lease: it is extended at a third of its life, so two tries may fail, and a loss is noticed a sixth early.
    this.#timer = setInterval(() => void this.#look(), this.#parts.leaseMs / 6);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Notes a job's progress. Answers whether the job is still held; never rejects. */
  async progress(held: HeldJob, progress: unknown): Promise<boolean> {
    if (held.over || !this.#parts.held.has(held) || !fits(progress, this.#parts.maxBytes)) return false;
    return await this.#reports.submit({ held, progress });
  }

  async #look(): Promise<void> {
    const { held, leaseMs, lost } = this.#parts;
    const now = performance.now();
    for (const each of held) {
      // One that has its outcome is not lost: Redis may still take it, and says so if not.
      if (each.outcome === undefined && now >= each.leaseEndsAt - leaseMs / 6) lost(each);
    }
    if (this.#extending) return;
    this.#extending = true;
    try {
      const due = [...held].filter((each) => each.leaseEndsAt - now < (leaseMs * 5) / 6);
      for (let start = 0; start < due.length; start += batch) await this.#extend(due.slice(start, start + batch));
    } catch (error) {
      this.#parts.onError(error);
    } finally {
      this.#extending = false;
    }
  }

  async #report(reports: readonly Report[]): Promise<readonly boolean[]> {
    const last = new Map(reports.map(({ held, progress }) => [held, progress]));
    try {
      await this.#extend([...last.keys()], last);
      return reports.map(({ held }) => this.#parts.held.has(held));
    } catch (error) {
      this.#parts.onError(error);
      return reports.map(() => false);
    }
  }

  async #extend(held: readonly HeldJob[], progress?: ReadonlyMap<HeldJob, unknown>): Promise<void> {
    const { store, leaseMs, lost } = this.#parts;
    const sentAt = performance.now();
    const rows = held.map((each) => ({ id: each.job.id, token: each.token, progress: progress?.get(each) }));
    const gone = new Set(await store.extend(rows, leaseMs, { timeout: Math.max(1_000, leaseMs / 6) }));
    for (const each of held) {
      // A job whose outcome was acknowledged meanwhile is not lost, it is done.
      if (!this.#parts.held.has(each)) continue;
      if (gone.has(each.job.id)) {
        if (each.outcome === undefined) lost(each);
      } else each.leaseEndsAt = Math.max(each.leaseEndsAt, sentAt + leaseMs);
    }
  }
}

/** What JSON cannot hold, or Redis no more than that, would fail the whole call, with the progress of other jobs. */
function fits(value: unknown, maxBytes: number): boolean {
  if (value === undefined) return true;
  try {
    const text = JSON.stringify(value);
    return text !== undefined && (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes);
  } catch {
    return false;
  }
}
