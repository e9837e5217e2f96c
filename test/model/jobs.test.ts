import fc from "fast-check";
import { connect, type RedisPort } from "redlua/client";
import type { Finished, JobStore } from "redlua/jobs";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, placeInLine, type QueueState, stateOf, storeAt } from "../support/job-queue.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const keepCompleted = { age: "10s", count: 3 } as const;
const keepFailed = { age: "20s", count: 2 } as const;
const maxRecoveries = 1;
const leaseMs = 1_000;

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
}

/** What the scripts are meant to do, in the plainest words: lists are searched and sorted, nothing is fast. */
class Model {
  readonly jobs = new Map<string, ModelJob>();
  now: number = noon;
  paused = false;
  places = 0;
  readonly counters = { completed: 0, failed: 0, canceled: 0 };

  create(id: string, priority: number, delay: number, maxRetries: number): boolean {
    this.places++;
    if (this.jobs.has(id)) {
      return false;
    }
    const job: ModelJob = {
      ...{ id, priority, place: this.places, maxRetries, token: undefined, retryCount: 0, recoveryCount: 0 },
      ...{ status: delay > 0 ? "scheduled" : "queued", at: this.now + delay, expiresAt: Number.POSITIVE_INFINITY },
    };
    this.jobs.set(id, job);
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
    if (job?.status !== "in-progress" || job.token !== token) return false;
    job.at = Math.max(job.at, this.now + leaseMs);
    return true;
  }

  cancel(id: string): string {
    const job = this.jobs.get(id);
    if (job === undefined) return "unknown";
    if (["completed", "failed", "canceled"].includes(job.status)) return job.status;
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
    if (job.status !== "in-progress") this.jobs.delete(id);
    return job.status;
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
      const sorted = [...jobs].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
      for (const { id } of sorted.slice(0, Math.max(0, sorted.length - keep))) this.jobs.delete(id);
    };
    drop([...this.in("completed"), ...this.in("canceled")], keepCompleted.count);
    drop(this.in("failed"), keepFailed.count);
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
    this.counters[status]++;
  }
}

const byPlace = (a: ModelJob, b: ModelJob): number => a.priority - b.priority || a.place - b.place;

interface Real {
  readonly store: JobStore;
  readonly clock: { now: number };
  /** Claims that were ever made, the lost ones included: `id token`. */
  readonly claims: { readonly id: string; readonly token: string }[];
  turns: number;
}

type Step = fc.AsyncCommand<Model, Real>;

/** A step that does the same to both, and compares what they answer and what they have become. */
function step(name: string, run: (model: Model, real: Real) => Promise<readonly [unknown, unknown]>): Step {
  return {
    check: () => true,
    run: async (model, real) => {
      const [expected, answered] = await run(model, real);
      expect(answered).toEqual(expected);
      expect(relevant(await stateOf(real.store))).toEqual(model.state());
    },
    toString: () => name,
  };
}

/** Of the real state what the model has too. */
function relevant({ ready, scheduled, leased, dead, done, meta = {}, jobs = {}, folded = {}, ttl = {} }: QueueState): object {
  const number = (text: unknown): number => Number(text ?? 0);
  return {
    ...{ ready, scheduled, leased, dead, done, paused: meta["paused"] === "1" },
    counters: { completed: number(meta["completed"]), failed: number(meta["failed"]), canceled: number(meta["canceled"]) },
    jobs: Object.fromEntries([
      ...Object.entries(folded).map(([id, { token, completedAt }]) => {
        const status = completedAt !== undefined ? "completed" : token !== undefined ? "in-progress" : "queued";
        return [id, { status, token, retryCount: 0, recoveryCount: 0, expires: completedAt !== undefined }] as const;
      }),
      ...Object.entries(jobs).map(
        ([id, { status, token, retryCount, recoveryCount }]) =>
          [
            id,
            { status, token, retryCount: number(retryCount), recoveryCount: number(recoveryCount), expires: `job:${id}` in ttl },
          ] as const,
      ),
    ]),
  };
}

const id = fc.integer({ min: 0, max: 5 }).map((n) => `j${n}`);
const delay = fc.constantFrom(0, 0, 400, 2_500);
const pick = fc.nat({ max: 30 });

const create = fc
  .tuple(id, fc.constantFrom(-1, 0, 0, 0, 2), delay, fc.integer({ min: 0, max: 2 }), fc.boolean())
  .map(([id, priority, delay, maxRetries, plain]) =>
    step(`create ${id} p${priority} +${delay} r${maxRetries}${plain ? "" : ", delay given"}`, async (model, { store }) => [
      { id, created: model.create(id, priority, delay, maxRetries) },
      await store.create({ id, name: "n", priority, maxRetries, ...(plain && delay === 0 ? {} : { delay }) }),
    ]),
  );

const outcome = fc.oneof(
  fc.constant({ outcome: "completed" as const }),
  fc.constant({ outcome: "canceled" as const }),
  fc.record({ outcome: fc.constant("snoozed" as const), delayMs: delay }),
  fc.record({ outcome: fc.constant("failed" as const), delayMs: fc.option(delay, { nil: undefined }), error: fc.constant("{}") }),
);

/** A worker's turn: it tells what became of some claim, old ones included, asks for more, and may have to say it twice. */
const turn = fc
  .tuple(fc.option(fc.tuple(pick, outcome)), fc.integer({ min: 0, max: 3 }), fc.boolean())
  .map(([told, want, lost]) =>
    step(`turn ${JSON.stringify(told)} want ${want}${lost ? " (its reply lost)" : ""}`, async (model, real) => {
      const claim = told === null ? undefined : real.claims[told[0] % Math.max(1, real.claims.length)];
      const finished = claim === undefined || told === null ? [] : [{ ...claim, ...told[1] }];
      const token = `t${++real.turns}`;
      const expected = model.step(finished, want, token);
      const request = { worker: "w", token, finished, want, leaseMs, listed: false };
      const first = await real.store.step({ ...request, resume: false });
      real.claims.push(...first.jobs.map(({ id }) => ({ id, token })));
      if (!lost) return [expected, { settled: first.settled, jobs: first.jobs.map(({ id }) => id) }];
      const again = await real.store.step({ ...request, resume: true });
      real.claims.push(...again.jobs.map(({ id }) => ({ id, token })));
      const { settled, jobs } = model.step(finished, want, token);
      return [
        { settled, jobs: [...jobs].sort() },
        { settled: again.settled, jobs: again.jobs.map(({ id }) => id).sort() },
      ];
    }),
  );

const others: fc.Arbitrary<Step>[] = [
  pick.map((nth) =>
    step(`extend ${nth}`, async (model, { store, claims }) => {
      const claim = claims[nth % Math.max(1, claims.length)];
      if (claim === undefined) return [[], []];
      return [model.extend(claim.id, claim.token) ? [] : [claim.id], await store.extend([claim], leaseMs)];
    }),
  ),
  fc
    .constantFrom(0, 300)
    .map((delay) =>
      step(`recover +${delay}`, async (model, { store }) => [
        { ...model.recover(delay), more: false },
        await store.recoverStuck({ delay }),
      ]),
    ),
  id.map((id) => step(`cancel ${id}`, async (model, { store }) => [model.cancel(id), (await store.cancel(id)).status])),
  id.map((id) => step(`remove ${id}`, async (model, { store }) => [model.remove(id), (await store.remove(id)).status])),
  fc
    .integer({ min: 1, max: 2 })
    .map((limit) =>
      step(`replay ${limit}`, async (model, { store }) => [model.replay(limit), (await store.replay({ limit })).replayed]),
    ),
  fc.boolean().map((paused) =>
    step(paused ? "pause" : "go on", async (model, { store }) => {
      model.paused = paused;
      return [undefined, await store.pause(paused)];
    }),
  ),
  fc.constantFrom(1, 399, 400, 1_000, 10_000, 20_000).map((ms) =>
    step(`${ms} ms pass`, async (model, { clock, store }) => {
      model.now += ms;
      clock.now += ms;
      // A folded job is gone when its time is up, and not when it is swept.
      if (!store.limits.fold) return [undefined, undefined];
      const nothing = { worker: "w", token: "none", finished: [], want: 0, leaseMs, resume: false, listed: false };
      return [model.step([], 0, "none").jobs, (await store.step(nothing)).jobs];
    }),
  ),
];

/** `npm run soak` tries more. */
const runs = Number(process.env["RUNS"] ?? 60);

test.each([
  ["have hashes", false],
  ["are folded while they may be", true],
])(
  "whatever is done in whatever order, a queue whose jobs %s is what a plain list of jobs would be",
  {
    timeout: 30_000 + runs * 200,
  },
  async (_, fold) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

    const commands = fc.commands([create, create, turn, turn, turn, ...others], { maxCommands: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const clock = { now: noon };
        const store = storeAt(redis, clock, { keepCompleted, keepFailed, maxRecoveries, fold });
        await fc.asyncModelRun(() => ({ model: new Model(), real: { store, clock, claims: [], turns: 0 } }), steps);
      }),
      { seed, numRuns: runs },
    );
  },
);
