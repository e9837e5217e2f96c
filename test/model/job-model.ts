import type { Finished, JobRow } from "redlua/jobs";
import { noon, placeInLine } from "../support/job-queue.ts";

export const keepCompleted = { age: "10s", count: 3 } as const;
export const keepFailed = { age: "20s", count: 2 } as const;
export const maxRecoveries = 1;
export const leaseMs = 1_000;

type Status = "queued" | "scheduled" | "in-progress" | "completed" | "failed" | "canceled";

interface ModelJob {
  readonly id: string;
  status: Status;
  priority: number;
  place: number;
  /** When it is due, its lease lapses, it is forgotten or it died: by its status. */
  at: number;
  token: string | undefined;
  retryCount: number;
  readonly maxRetries: number;
  recoveryCount: number;
  expiresAt: number;
  /** It stands in the list of those that wait, and nothing has happened to it; then where in the list of those that are past. */
  fresh: boolean;
  past: number;
}

/** What the scripts are meant to do, in the plainest words: lists are searched and sorted, nothing is fast. */
export class Model {
  readonly jobs: Map<string, ModelJob> = new Map();
  /** Ids that were ever added. */
  readonly used: Set<string> = new Set();
  /** Calls that were made. */
  readonly batches: (readonly JobRow[])[] = [];
  now: number = noon;
  paused = false;
  places = 0;
  pasts = 0;
  readonly counters = { completed: 0, failed: 0, canceled: 0 };

  create(id: string, priority: number, delay: number, maxRetries: number, fresh = false): boolean {
    this.places++;
    if (this.jobs.has(id)) {
      return false;
    }
    const job: ModelJob = {
      ...{ id, priority, place: this.places, maxRetries, token: undefined, retryCount: 0, recoveryCount: 0, fresh },
      ...{
        past: Number.POSITIVE_INFINITY,
        status: delay > 0 ? "scheduled" : "queued",
        at: this.now + delay,
        expiresAt: Number.POSITIVE_INFINITY,
      },
    };
    this.jobs.set(id, job);
    this.used.add(id);
    return true;
  }

  /** One turn of a worker; under a token that was used, it is that turn made again. */
  step(
    finished: readonly Finished[],
    want: number,
    token: string,
  ): { readonly settled: readonly string[]; readonly jobs: readonly string[] } {
    this.dropExpired();
    const settled = finished.map((each) => this.settle(each));
    this.promote();
    this.recover(0);
    const jobs = this.in("in-progress").flatMap((job) => (job.token === token ? [job.id] : []));
    if (!this.paused) {
      for (const job of this.in("queued")
        .sort(byPlace)
        .slice(0, Math.max(0, want - jobs.length))) {
        this.claim(job, token);
        jobs.push(job.id);
      }
    }
    if (settled.length > 0 || jobs.length === 0) this.dropExcess();
    return { settled, jobs };
  }

  claim(job: ModelJob, token: string): void {
    Object.assign(job, { status: "in-progress", token, at: this.now + leaseMs });
  }

  settle({ id, token, outcome, delayMs }: Finished): string {
    const job = this.jobs.get(id);
    if (job === undefined) return "gone";
    if (outcome !== "completed") this.touch(job);
    if (job.token !== token) return "lost";
    if (job.status !== "in-progress") return job.status;
    if (outcome === "completed") this.end(job, "completed");
    else if (outcome === "canceled") this.end(job, "canceled");
    else if (outcome === "snoozed") this.putBack(job, delayMs ?? 0);
    else if (delayMs === undefined || job.retryCount >= job.maxRetries) this.bury(job);
    else {
      job.retryCount++;
      this.putBack(job, delayMs);
    }
    return job.status;
  }

  /** Takes back what has lapsed; answers how many went where. */
  recover(delay: number): { readonly recovered: number; readonly dead: number } {
    const lapsed = this.in("in-progress").filter(({ at }) => at <= this.now);
    for (const job of lapsed) {
      this.touch(job);
      job.token = "";
      job.recoveryCount++;
      if (job.recoveryCount > maxRecoveries) this.bury(job);
      else this.putBack(job, delay * 2 ** (job.recoveryCount - 1));
    }
    const dead = lapsed.filter(({ status }) => status === "failed").length;
    return { recovered: lapsed.length - dead, dead };
  }

  extend(id: string, token: string): boolean {
    const job = this.jobs.get(id);
    if (job !== undefined) this.touch(job);
    if (job?.status !== "in-progress" || job.token !== token) return false;
    job.at = Math.max(job.at, this.now + leaseMs);
    return true;
  }

  cancel(id: string): string {
    const job = this.jobs.get(id);
    if (job === undefined) return "unknown";
    if (["completed", "failed", "canceled"].includes(job.status)) return job.status;
    this.touch(job);
    job.token = undefined;
    this.end(job, "canceled");
    return "canceled";
  }

  replay(limit: number): number {
    const oldest = this.in("failed")
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    for (const job of oldest) {
      Object.assign(job, {
        status: "queued",
        place: ++this.places,
        token: "",
        retryCount: 0,
        recoveryCount: 0,
        expiresAt: Number.POSITIVE_INFINITY,
      });
      this.counters.failed--;
    }
    return oldest.length;
  }

  remove(id: string): string {
    const job = this.jobs.get(id);
    if (job === undefined) return "unknown";
    if (job.status === "in-progress") this.touch(job);
    else this.jobs.delete(id);
    return job.status;
  }

  /** Somebody waits for it. */
  watch(id: string): string {
    const job = this.jobs.get(id);
    if (job !== undefined) this.touch(job);
    return job?.status ?? "unknown";
  }

  /** Something happens to a job that few see. It changes nothing but how it is stored. */
  touch(job: ModelJob): void {
    if (job.status !== "completed") job.fresh = false;
  }

  /** A page of what waits, or has ended, in order. */
  page(set: "ready" | "done", offset: number, limit: number, newest: boolean): object {
    const jobs = set === "ready" ? this.in("queued").sort(byPlace) : this.ended();
    const ids = jobs.map(({ id }) => id);
    if (newest) ids.reverse();
    return { total: ids.length, queued: this.in("queued").length, ids: ids.slice(offset, offset + limit) };
  }

  /** What has ended, the oldest first. */
  ended(): ModelJob[] {
    return [...this.in("completed"), ...this.in("canceled")].sort(byEnd);
  }

  /** Some job that there is, or the id of one that there may be. */
  id(nth: number): string {
    return [...this.jobs.keys()][nth] ?? `j${nth % 6}`;
  }

  /** The state that Redis should have, without what the model leaves out. */
  state(): object {
    const scores = (statuses: readonly Status[], score: (job: ModelJob) => number): Record<string, number> | undefined => {
      const entries = [...this.jobs.values()]
        .filter(({ status }) => statuses.includes(status))
        .map((job) => [job.id, score(job)]);
      return entries.length === 0 ? undefined : Object.fromEntries(entries);
    };
    return {
      ready: scores(["queued"], ({ place, priority }) => placeInLine(place, priority)),
      scheduled: scores(["scheduled"], ({ at }) => at),
      leased: scores(["in-progress"], ({ at }) => at),
      dead: scores(["failed"], ({ at }) => at),
      done: scores(["completed", "canceled"], ({ at }) => at),
      past: this.ended().flatMap(({ id, past }) => (past < Number.POSITIVE_INFINITY ? [id] : [])),
      counters: this.counters,
      paused: this.paused,
      jobs: Object.fromEntries(
        [...this.jobs.values()].map((job) => [
          job.id,
          {
            ...{ status: job.status, token: job.token, retryCount: job.retryCount, recoveryCount: job.recoveryCount },
            expires: job.expiresAt < Number.POSITIVE_INFINITY,
          },
        ]),
      ),
    };
  }

  promote(): void {
    for (const job of this.in("scheduled")) if (job.at <= this.now) job.status = "queued";
  }

  dropExpired(): void {
    for (const { id, at } of [...this.in("completed"), ...this.in("canceled")]) if (at <= this.now) this.jobs.delete(id);
    for (const { id, at } of this.in("failed")) if (at <= this.now - 20_000) this.jobs.delete(id);
  }

  dropExcess(): void {
    const drop = (jobs: readonly ModelJob[], keep: number): void => {
      for (const { id } of jobs.slice(0, Math.max(0, jobs.length - keep))) this.jobs.delete(id);
    };
    drop(this.ended(), keepCompleted.count);
    drop(this.in("failed").sort(byEnd), keepFailed.count);
  }

  in(status: Status): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.status === status);
  }

  putBack(job: ModelJob, delay: number): void {
    Object.assign(job, { status: delay > 0 ? "scheduled" : "queued", at: this.now + delay });
  }

  bury(job: ModelJob): void {
    Object.assign(job, { status: "failed", at: this.now, expiresAt: this.now + 20_000 });
    this.counters.failed++;
  }

  end(job: ModelJob, status: "completed" | "canceled"): void {
    Object.assign(job, { status, at: this.now + 10_000, expiresAt: this.now + 10_000 });
    if (job.fresh) job.past = ++this.pasts;
    this.counters[status]++;
  }
}

const byPlace = (a: ModelJob, b: ModelJob): number => a.priority - b.priority || a.place - b.place;

/** Those that are past come first of what ended at the same time, in the order in which they ended. */
const byEnd = (a: ModelJob, b: ModelJob): number => {
  if (a.at !== b.at) return a.at - b.at;
  if (a.past !== b.past) return a.past - b.past;
  return a.id < b.id ? -1 : 1;
};
