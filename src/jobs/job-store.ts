import type { RedisPort } from "../client/index.ts";
import {
  type Duration,
  duration,
  InvalidInputError,
  integer,
  randomId,
  readOptions,
  refuseUnknown,
  required,
  show,
  text,
  toMs,
  withDefault,
} from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type RunOptions, run } from "../script/index.ts";
import { batchOf } from "./batch.ts";
import type { Claim, ClaimOptions, Finished, Held, NotClaimed, Settled, StepReply, StepRequest } from "./claim.ts";
import { failureOf } from "./failure.ts";
import type { JobStatus, StoredJob } from "./job.ts";
import { type JobChanges, readChanges } from "./job-changes.ts";
import { jsonOf, unpackJob } from "./job-hash.ts";
import { type JobKeys, jobKeys } from "./keys.ts";
import { additionOf, type Created, checkId, createdOf, type JobRow, type NewJob, newJobFields, rowOf } from "./new-job.ts";
import { type JobSet, type PageOptions, pageMax, readPage } from "./page.ts";
import * as scripts from "./scripts.gen.ts";
import { checkQueueName, type JobStoreOptions, readStoreOptions, type StoreLimits } from "./store-options.ts";
import { readTurn, stepArgs, sweep } from "./turn.ts";
import { waitForEnd } from "./wait.ts";

/** How many jobs of a queue are where. */
export interface JobStats {
  readonly queued: number;
  readonly scheduled: number;
  readonly inProgress: number;
  /** How many jobs have ended so since the queue began. Retention does not lower it. */
  readonly completed: number;
  /** How many jobs have died and were not replayed since. Retention does not lower it. */
  readonly failed: number;
  readonly canceled: number;
  /** How many dead letters are kept and can be replayed. */
  readonly dead: number;
  readonly paused: boolean;
}

/** A page of the jobs of a set, and how many it has in all. */
export interface JobPage {
  readonly total: number;
  readonly jobs: readonly StoredJob[];
}

/**
 * The jobs of one queue, as bytes: every transition is one script, and every call one round trip.
 *
 * `Queue` and `Worker` are built on it and are what most programs want. Use the store itself to write a worker of your own.
 *
 * @example
 * const store = new JobStore(redis, "email");
 * await store.create({ name: "welcome", payload: '{"to":"a@example.com"}' });
 * const claim = await store.claimNext({ worker: "me" });
 * if (claim !== undefined) await store.complete({ id: claim.job.id, token: claim.token }, '"sent"');
 */
export class JobStore {
  readonly queue: string;
  readonly keys: JobKeys;
  readonly limits: StoreLimits;
  readonly redis: RedisPort;
  readonly #addKeys: Omit<JobKeys, "leased" | "vacant">;
  readonly #batchKeys: Pick<JobKeys, "fresh" | "idle" | "meta" | "plain" | "course" | "batches" | "job">;

  /**
   * @param partition which one of a queue that is partitioned. @default it is not
   * @throws {InvalidInputError} the queue's name or an option cannot be used
   */
  constructor(redis: RedisPort, queue: string, options?: JobStoreOptions, partition?: number) {
    checkPort("JobStore", redis);
    checkQueueName(queue);
    this.redis = redis;
    this.queue = queue;
    this.keys = jobKeys(queue, partition);
    const { leased: _, vacant: _vacant, ...addKeys } = this.keys;
    this.#addKeys = Object.freeze(addKeys);
    const { fresh, idle, meta, plain, course, batches, job } = this.keys;
    this.#batchKeys = Object.freeze({ fresh, idle, meta, plain, course, batches, job });
    this.limits = readStoreOptions("JobStore", options);
  }

  /** Creates a job, unless there is one of its id. @throws {InvalidInputError} it cannot be stored as it is */
  async create(job: NewJob, options?: RunOptions): Promise<Created> {
    const [created] = await this.createMany([job], options);
    return created as Created;
  }

  /** Creates jobs in one script, in order: at most 1,000. */
  async createMany(jobs: readonly NewJob[], options?: RunOptions): Promise<readonly Created[]> {
    checkCount("jobs", jobs.length);
    for (const job of jobs) refuseUnknown("JobStore.create", job, newJobFields);
    return await this.createRows(
      jobs.map((job) => rowOf(job, job, this.limits.maxRetries)),
      options,
    );
  }

  /** The same for jobs that were checked already, by {@link rowOf}. */
  createRows(rows: readonly JobRow[], options?: RunOptions): Promise<readonly Created[]> {
    if (rows.length === 0) return Promise.resolve([]);
    const { fold, now } = this.limits;
    const batch = fold ? batchOf(rows) : undefined;
    if (batch !== undefined) {
      const args = { sure: this.#sure, now: now(), ...batch };
      return run(this.redis, scripts.addBatch, this.#batchKeys, args, options).then(() => createdOf(rows, []));
    }
    const args = { sure: this.#sure, fold, now: now(), ...additionOf(rows) };
    return run(this.redis, scripts.add, this.#addKeys, args, options).then((existing) => createdOf(rows, existing));
  }

  /** Reads a job; `undefined` if there is none of that id. */
  async get(id: string, options?: RunOptions): Promise<StoredJob | undefined> {
    checkId(id);
    return unpackJob(await run(this.redis, scripts.get, this.#jobKeys, { id, now: this.limits.now() }, options));
  }

  /**
   * Reads a job without its payload, and without its result unless asked for: who asks every second how far a job of 47 MB
   * is would move all of it each time.
   */
  async peek(id: string, options: { readonly result?: boolean } = {}): Promise<StoredJob | undefined> {
    checkId(id);
    const fields = [...listed, "headers", "routeParams", "queryParams", ...(options.result === true ? ["result"] : [])];
    return unpackJob(await run(this.redis, scripts.peek, this.#jobKeys, { id, now: this.limits.now(), fields }), { fields });
  }

  /**
   * Has a job's end published on a channel of its own, if it comes within a minute. Answers how it stands.
   *
   * @param options.closely also that it begins, is put off, or tells how far it is. @default false
   */
  async watch(id: string, options: { readonly closely?: boolean } = {}): Promise<JobStatus | "unknown"> {
    checkId(id);
    const args = { id, closely: options.closely === true, now: this.limits.now() };
    return (await run(this.redis, scripts.watch, { meta: this.keys.meta, ...this.#lineKeys }, args)) as JobStatus | "unknown";
  }

  /**
   * Waits until a job has ended, or the time is up, and answers how it stands then. Reads nothing else of it: its payload
   * may be large.
   *
   * @param options.timeout how long to wait. @default "30s"
   * @throws the signal's reason, if it fires
   */
  async wait(
    id: string,
    options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): Promise<JobStatus | "unknown"> {
    refuseUnknown("wait", options, ["timeout", "signal"]);
    return await waitForEnd(this, id, toMs(options.timeout ?? "30s", "timeout"), options.signal);
  }

  /** Changes a job that has not begun. */
  async update(id: string, changes: JobChanges): Promise<{ readonly updated: boolean; readonly status: JobStatus | "unknown" }> {
    checkId(id);
    const { scheduled, idle } = this.keys;
    const args = { id, ...readChanges(changes), sure: this.#sure, now: this.limits.now() };
    const reply = await run(this.redis, scripts.update, { scheduled, idle, ...this.#lineKeys }, args);
    if (reply.outcome === "unknown") return { updated: false, status: "unknown" };
    return { updated: reply.outcome === "updated", status: reply.status as JobStatus };
  }

  /** Gives one job to a worker, by its id. */
  async claim(id: string, options: ClaimOptions): Promise<({ readonly claimed: true } & Claim) | NotClaimed> {
    checkId(id);
    const leaseMs = leaseOf("JobStore.claim", options);
    const token = newToken(options.worker);
    const { scheduled, leased } = this.keys;
    const args = { id, worker: options.worker, token, leaseMs, now: this.limits.now() };
    const reply = await run(this.redis, scripts.claim, { scheduled, leased, ...this.#lineKeys }, args);
    switch (reply.outcome) {
      case "claimed":
        return { claimed: true, job: unpackJob(reply.job) as StoredJob, token, leaseEndsAt: reply.nowMs + leaseMs };
      case "not-due":
        return { claimed: false, reason: "not-due", dueInMs: reply.dueInMs };
      case "in-progress":
        return { claimed: false, reason: "in-progress", workerId: reply.worker };
      case "ended":
        return { claimed: false, reason: "ended", status: reply.status as JobStatus };
      case "unknown":
        return { claimed: false, reason: "unknown" };
    }
  }

  /** Gives the job at the front of the line to a worker; `undefined` if none is due. */
  async claimNext(options: ClaimOptions): Promise<Claim | undefined> {
    const leaseMs = leaseOf("JobStore.claimNext", options);
    for (;;) {
      const token = newToken(options.worker);
      const request = { worker: options.worker, token, finished: [], want: 1, leaseMs, resume: false, listed: false };
      const { jobs, leaseEndsAt, nextInMs } = await this.#step(request, false);
      if (jobs[0] !== undefined) return { job: jobs[0], token, leaseEndsAt };
      // Not 0: nothing is behind what it passed over.
      if (nextInMs !== 0) return undefined;
    }
  }

  /** Books a job as done, with its result. Telling it twice is harmless. */
  async complete(held: Held, result?: Uint8Array | string): Promise<Settled> {
    return await this.#settle({ ...held, outcome: "completed", result });
  }

  /**
   * Books a failed attempt. The job is tried again after `retry`, or as the store's backoff says, while it has retries
   * left; then, or with `retry: "never"`, it is a dead letter.
   */
  async fail(held: Held & { readonly retryCount?: number }, error: unknown, retry?: Duration | "never"): Promise<Settled> {
    const attempt = (held.retryCount ?? 0) + 1;
    const delayMs = retry === "never" ? undefined : retry === undefined ? this.limits.backoff(attempt) : toMs(retry, "retry");
    return await this.#settle({ ...held, outcome: "failed", error: JSON.stringify(failureOf(error, attempt)), delayMs });
  }

  /** Puts a claimed job back for later, without counting it as an attempt. */
  async snooze(held: Held, delay: Duration): Promise<Settled> {
    return await this.#settle({ ...held, outcome: "snoozed", delayMs: toMs(delay, "delay") });
  }

  /** Extends leases, and notes progress. Answers the ids of the claims that no longer hold. */
  async extend(
    held: readonly (Held & { readonly progress?: unknown })[],
    lease: Duration = "30s",
    options?: RunOptions,
  ): Promise<readonly string[]> {
    if (held.length === 0) return [];
    checkCount("held", held.length);
    const rows = held.map(({ id, token, progress }) => ({
      id,
      token,
      progress: progress === undefined ? null : jsonOf("progress", progress),
    }));
    const args = { leaseMs: toMs(lease, "lease"), now: this.limits.now(), held: rows };
    const { lost } = await run(this.redis, scripts.extend, { leased: this.keys.leased, ...this.#lineKeys }, args, options);
    return lost;
  }

  /** Books outcomes and claims jobs in one round trip: the whole of a worker's turn. */
  async step(request: StepRequest, options?: RunOptions): Promise<StepReply> {
    checkCount("want", request.want);
    checkCount("finished", request.finished.length);
    return await this.#step(request, true, options);
  }

  /**
   * Takes back jobs whose lease has lapsed. Every worker's turn does so too; this is for programs that have none running.
   *
   * @param options.delay wait before a job is tried again; doubles with each time, up to a day. @default 0, its old place in line
   */
  async recoverStuck(
    options: { readonly limit?: number; readonly delay?: Duration } = {},
  ): Promise<{ readonly recovered: number; readonly dead: number; readonly more: boolean }> {
    const { done: _done, past: _past, ...keys } = this.keys;
    const { maxRecoveries, keepFailedMs, now } = this.limits;
    const read = { limit: withDefault(atMostThousand, sweep), delay: withDefault(duration(), 0) };
    const { limit, delay: delayMs } = readOptions("JobStore.recoverStuck", options, read);
    const args = { limit, maxRecoveries, delayMs, keepFailedMs, sure: this.#sure, now: now() };
    return await run(this.redis, scripts.recover, keys, args);
  }

  /** Cancels a job. One that runs is taken from its worker. Answers what it was, or that it had ended, or is unknown. */
  async cancel(id: string): Promise<{ readonly canceled: boolean; readonly status: JobStatus | "unknown" }> {
    checkId(id);
    const { dead: _, ...keys } = this.keys;
    const args = { id, keepMs: this.limits.keepCompletedMs, now: this.limits.now() };
    const reply = await run(this.redis, scripts.cancel, keys, args);
    if (reply.outcome === "unknown") return { canceled: false, status: "unknown" };
    if (reply.outcome === "ended") return { canceled: false, status: reply.status as JobStatus };
    return { canceled: true, status: "canceled" };
  }

  /** Forgets a job, unless it runs. */
  async remove(id: string): Promise<{ readonly removed: boolean; readonly status: JobStatus | "unknown" }> {
    checkId(id);
    const { idle: _idle, meta: _meta, ...keys } = this.keys;
    const reply = await run(this.redis, scripts.remove, keys, { id, now: this.limits.now() });
    return {
      removed: reply.outcome === "removed",
      status: (reply.outcome === "removed" ? reply.status : reply.outcome) as JobStatus,
    };
  }

  /** Puts dead letters back in line with all their retries: those named, or the oldest. */
  async replay(
    what: { readonly ids: readonly string[] } | { readonly limit: number; readonly until?: number },
  ): Promise<{ readonly replayed: number; readonly more: boolean; readonly nowMs: number }> {
    const { ready, dead, idle, meta, job } = this.keys;
    const named = "ids" in what;
    if (named && what.ids.length === 0) return { replayed: 0, more: false, nowMs: 0 };
    if (named) {
      checkCount("ids", what.ids.length);
      for (const id of what.ids) checkId(id);
    } else checkCount("limit", what.limit, 1);
    const limit = named ? 0 : what.limit;
    const args = {
      limit,
      until: named ? undefined : what.until,
      sure: this.#sure,
      now: this.limits.now(),
      ids: named ? what.ids : [],
    };
    return await run(this.redis, scripts.replay, { ready, dead, idle, meta, job }, args);
  }

  /** Pauses the queue: nothing more is handed out by `step`. Or goes on. */
  async pause(paused: boolean): Promise<void> {
    await run(this.redis, scripts.pause, { idle: this.keys.idle, meta: this.keys.meta }, { paused, sure: this.#sure });
  }

  async stats(options?: RunOptions): Promise<JobStats> {
    const { ready, fresh, vacant, scheduled, leased, dead, meta } = this.keys;
    const counts = await run(this.redis, scripts.stats, { ready, fresh, vacant, scheduled, leased, dead, meta }, {}, options);
    return { ...counts, completed: counts.completed ?? 0, failed: counts.failed ?? 0, canceled: counts.canceled ?? 0 };
  }

  /** Reads a page of jobs, without their payloads and results unless asked for. Completed and canceled jobs share a set. */
  async list(set: JobSet, options: PageOptions = {}): Promise<JobPage> {
    const { offset, limit, newest, full } = readPage(options);
    const args = { offset, limit, reverse: newest, now: this.limits.now(), fields: full ? [] : listed };
    const page = await this.#readPage(set, args);
    const jobs = page.jobs.map((packed) => unpackJob(packed, full ? {} : { fields: listed }));
    return { total: page.total, jobs: jobs.filter((job) => job !== undefined) };
  }

  #readPage(set: JobSet, args: scripts.List["args"]): Promise<scripts.List["reply"]> {
    const { done, past } = this.keys;
    if (set === "ready") return run(this.redis, scripts.listWaiting, this.#lineKeys, args);
    if (set === "done") return run(this.redis, scripts.listEnded, { done, past, ...this.#jobKeys }, args);
    return run(this.redis, scripts.list, { set: this.keys[set], ...this.#jobKeys }, args);
  }

  /** Where a job's fields are. */
  get #jobKeys(): Pick<JobKeys, "plain" | "course" | "batches" | "job"> {
    const { plain, course, batches, job } = this.keys;
    return { plain, course, batches, job };
  }

  /** Where a job's fields are, and its place in line. */
  get #lineKeys(): Pick<JobKeys, "ready" | "fresh" | "vacant" | "plain" | "course" | "batches" | "job"> {
    const { ready, fresh, vacant } = this.keys;
    return { ready, fresh, vacant, ...this.#jobKeys };
  }

  /** In a cluster the server cannot tell whether a message was heard by somebody on another node. */
  get #sure(): boolean {
    return !this.redis.traits.cluster;
  }

  async #settle(finished: Finished): Promise<Settled> {
    const request = {
      worker: "settle",
      token: newToken("settle"),
      finished: [finished],
      want: 0,
      leaseMs: 0,
      resume: false,
      listed: false,
    };
    const { settled } = await this.#step(request, false);
    return settled[0] as Settled;
  }

  /** @param listens whether the worker hears its channel: one that does not must not be woken in the place of one that does */
  #step(request: StepRequest, listens: boolean, options?: RunOptions): Promise<StepReply> {
    const args = stepArgs(request, this.limits, listens, this.#sure);
    const { text } = this.limits;
    return run(this.redis, scripts.step, this.keys, args, options).then((reply) => readTurn(request, reply, text));
  }
}

/** Fields of a job in a list: all but the large ones. */
const listed = [
  ...["id", "name", "status", "error", "priority", "retryCount", "maxRetries", "recoveryCount", "retryDelayUntil", "timeoutMs"],
  ...["progress", "workerId", "createdAt", "startedAt", "completedAt", "lastUpdatedAt", "trace"],
];

const atMostThousand = integer({ min: 1, max: pageMax });

function checkCount(field: string, count: unknown, min = 0): void {
  if (Number.isInteger(count) && (count as number) >= min && (count as number) <= 1_000) return;
  throw unfit(field, `${min} to 1,000 at a time`, count);
}

function leaseOf(owner: string, options: ClaimOptions): number {
  const read = { worker: required(text()), lease: withDefault(duration(), "30s") };
  return readOptions(owner, options, read).lease;
}

function newToken(worker: string): string {
  return `${worker}:${randomId()}`;
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}
