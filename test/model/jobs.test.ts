import fc from "fast-check";
import { connect, type RedisPort } from "redlua/client";
import type { JobStore } from "redlua/jobs";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type QueueState, stateOf, storeAt } from "../support/job-queue.ts";
import { keepCompleted, keepFailed, leaseMs, Model, maxRecoveries } from "./job-model.ts";

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
function relevant({
  scheduled,
  leased,
  dead,
  done,
  past = [],
  meta = {},
  jobs = {},
  folded = {},
  ttl = {},
  ...line
}: QueueState): object {
  const number = (text: unknown): number => Number(text ?? 0);
  const ends = past.map((id) => [id, Number(folded[id]?.["expiresAt"])]);
  return {
    done: done === undefined && past.length === 0 ? undefined : { ...done, ...Object.fromEntries(ends) },
    ...{ ready: inLine(line, folded), scheduled, leased, dead, past, paused: meta["paused"] === "1" },
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

/** Where the jobs stand that are ready, and those that are fresh. */
function inLine(
  { ready, fresh, vacant = {}, batches = {} }: QueueState,
  folded: NonNullable<QueueState["folded"]>,
): QueueState["ready"] {
  expect(Object.keys(vacant).filter((id) => !fresh?.includes(id))).toEqual([]);
  const there = fresh?.filter((id) => !(id in vacant)).map((id) => [id, Number(folded[id]?.["order"])]);
  if (fresh !== undefined) expect(there).not.toEqual([]);
  for (const [batch, record] of Object.entries(batches)) {
    const waiting = Object.values(folded).filter((job) => job["batch"] === batch && job["token"] === undefined);
    expect([batch, record]).toEqual([batch, expect.stringMatching(new RegExp(`^\\d+ \\d+ ${waiting.length}$`))]);
  }
  return there === undefined ? ready : { ...ready, ...Object.fromEntries(there) };
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

/** An id that is not chosen comes once. When the job is gone, somebody may choose the same. */
const createOwn = id.map((id) =>
  step(`create ${id} or another, not chosen`, async (model, { store }) => {
    const own = model.used.has(id) ? `own${model.places}` : id;
    const row = { id: own, ownId: true, name: "n", maxRetries: 1, payload: undefined, more: undefined };
    return [[{ id: own, created: model.create(own, 0, 0, 1, true) }], await store.createRows([row])];
  }),
);

/** Jobs of one call, whose ids were not chosen. Made again, it adds nothing while one of them is there. */
const createBatch = fc.tuple(fc.integer({ min: 4, max: 6 }), fc.boolean()).map(([count, again]) =>
  step(`create ${count} together${again ? ", and then the same again" : ""}`, async (model, { store }) => {
    const ids = Array.from({ length: count }, (_, n) => `b${model.places}-${n}`.padEnd(22, "-"));
    const rows = ids.map((id) => ({ id, ownId: true, name: "n", maxRetries: 1, payload: undefined, more: undefined }));
    for (const id of ids) model.create(id, 0, 0, 1, true);
    model.batches.push(rows);
    const created = await store.createRows(rows);
    if (again) await store.createRows(rows);
    return [ids.map((id) => ({ id, created: true })), created];
  }),
);

const createAgain = fc.nat({ max: 5 }).map((nth) =>
  step(`create together again ${nth}`, async (model, { store }) => {
    const rows = model.batches[nth % Math.max(1, model.batches.length)];
    if (rows === undefined) return [[], []];
    const isThere = rows.some(({ id }) => model.jobs.has(id));
    if (!isThere) for (const { id } of rows) model.create(id, 0, 0, 1, true);
    return [rows.map(({ id }) => ({ id, created: true })), await store.createRows(rows)];
  }),
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
  pick.map((nth) =>
    step(`cancel ${nth}`, async (model, { store }) => {
      const id = model.id(nth);
      return [model.cancel(id), (await store.cancel(id)).status];
    }),
  ),
  pick.map((nth) =>
    step(`remove ${nth}`, async (model, { store }) => {
      const id = model.id(nth);
      return [model.remove(id), (await store.remove(id)).status];
    }),
  ),
  pick.map((nth) =>
    step(`watch ${nth}`, async (model, { store }) => {
      const id = model.id(nth);
      return [model.watch(id), await store.watch(id)];
    }),
  ),
  fc
    .tuple(fc.constantFrom("ready" as const, "done" as const), fc.nat({ max: 8 }), fc.integer({ min: 1, max: 5 }), fc.boolean())
    .map(([set, offset, limit, newest]) =>
      step(`list ${limit} of ${set} after ${offset}${newest ? ", newest first" : ""}`, async (model, { store }) => {
        const { total, jobs } = await store.list(set, { offset, limit, newest });
        const { queued } = await store.stats();
        return [model.page(set, offset, limit, newest), { total, queued, ids: jobs.map(({ id }) => id) }];
      }),
    ),
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
  ["have hashes", false, false],
  ["are folded while they may be", true, false],
  ["are folded, and fresh while they may be", true, true],
])(
  "whatever is done in whatever order, a queue whose jobs %s is what a plain list of jobs would be",
  {
    timeout: 30_000 + runs * 200,
  },
  async (_, fold, fresh) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

    const creating = fresh ? [create, createOwn, createBatch, createAgain] : [create, create];
    const commands = fc.commands([...creating, turn, turn, turn, ...others], { maxCommands: 60, size: "max" });
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
