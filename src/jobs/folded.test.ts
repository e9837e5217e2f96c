import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, stateOf } from "../../test/support/job-queue.ts";
import { now, queued, running, testTransitions, turn } from "../../test/support/transition.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type Held, JobStore, type JobStoreOptions, Queue } from "./index.ts";
import { rowOf } from "./new-job.ts";

const hour = 3_600;
const week = 7 * 24 * hour;
const fold: JobStoreOptions = { fold: true };
const order = String(placeInLine(0));
const quiet = { nextInMs: undefined, idle: 0, leaseEndsAt: noon + 30_000 };
const kept = { plain: hour, course: hour, done: hour };
const expires = { expiresAt: String(noon + hour * 1_000) };

/** What lines say of a job that waits, that worker `w` runs under token `t`, and that is done. */
const waits = (more: object = {}): Record<string, unknown> => ({ name: "n", createdAt: "1", maxRetries: "1", order, ...more });
const runs = (more: object = {}): Record<string, unknown> => waits({ workerId: "w", token: "t", startedAt: "1", ...more });
const done = (more: object = {}): Record<string, unknown> => runs({ completedAt: now, result: "", ...expires, ...more });

testTransitions({
  "plain jobs are folded, and those that have more to them or are large get hashes": {
    script: "add",
    before: { meta: { order: "70" } },
    options: fold,
    call: (store) =>
      store.createMany([
        { id: "a", name: "n", payload: "p", maxRetries: 1 },
        { id: "b", name: "other", maxRetries: 0 },
        { id: "c", name: "n", priority: 1, maxRetries: 1 },
        { id: "d", name: "n", payload: "x".repeat(1_025), maxRetries: 1 },
        { id: "e", name: "n", payload: "x".repeat(1_024), maxRetries: 1 },
      ]),
    reply: ["a", "b", "c", "d", "e"].map((id) => ({ id, created: true })),
    replyAgain: ["a", "b", "c", "d", "e"].map((id) => ({ id, created: false })),
    after: {
      ready: { a: placeInLine(71), b: placeInLine(72), d: placeInLine(74), e: placeInLine(75), c: placeInLine(73, 1) },
      meta: { order: expect.any(String) },
      folded: {
        a: waits({ createdAt: now, payload: "p", order: String(placeInLine(71)) }),
        b: waits({ createdAt: now, name: "other", maxRetries: "0", order: String(placeInLine(72)) }),
        e: waits({ createdAt: now, payload: "x".repeat(1_024), order: String(placeInLine(75)) }),
      },
      jobs: {
        c: queued("c", {
          ...{ createdAt: now, lastUpdatedAt: now, priority: "1", more: "1", order: String(placeInLine(73, 1)) },
        }),
        d: queued("d", { createdAt: now, lastUpdatedAt: now, payload: "x".repeat(1_025), order: String(placeInLine(74)) }),
      },
    },
  },
  "a job whose id is that of a folded one is not added": {
    script: "add",
    before: { leased: { a: 9e15 }, folded: { a: runs() } },
    options: fold,
    call: (store) => store.create({ id: "a", name: "other", priority: 5 }),
    reply: { id: "a", created: false },
    after: { leased: { a: 9e15 }, folded: { a: runs() }, meta: { order: expect.any(String) } },
  },
  "a job whose id is that of a folded one whose time is over takes its place, and what is kept lives on": {
    script: "add",
    before: {
      done: { a: noon, b: noon + 5 },
      folded: { a: done({ expiresAt: now, payload: "old" }), b: done() },
      ttl: { plain: 60, course: 60 },
    },
    options: fold,
    call: (store) => store.create({ id: "a", name: "n", payload: "new", maxRetries: 1 }),
    reply: { id: "a", created: true },
    replyAgain: { id: "a", created: false },
    after: {
      ready: { a: placeInLine(1) },
      done: { b: noon + 5 },
      meta: { order: expect.any(String) },
      folded: { a: waits({ createdAt: now, payload: "new", order: String(placeInLine(1)) }), b: done() },
    },
  },
  "folded jobs and others are claimed in order": {
    script: "step",
    before: {
      ready: { a: 1, b: 2, c: 3, d: 4 },
      folded: { a: waits({ payload: "p" }), c: waits(), d: waits() },
      jobs: { b: queued("b", { payload: "q" }) },
    },
    call: turn({ want: 3 }),
    reply: {
      ...{ ...quiet, settled: [] },
      jobs: [
        expect.objectContaining({
          id: "a",
          name: "n",
          payload: Buffer.from("p"),
          createdAt: 1,
          maxRetries: 1,
          status: "in-progress",
        }),
        expect.objectContaining({ id: "b", name: "n", payload: Buffer.from("q"), createdAt: 1, maxRetries: 1, workerId: "w2" }),
        expect.objectContaining({ id: "c", name: "n", payload: undefined, startedAt: noon }),
      ],
    },
    after: {
      ready: { d: 4 },
      leased: { a: noon + 30_000, b: noon + 30_000, c: noon + 30_000 },
      folded: {
        a: runs({ payload: "p", workerId: "w2", token: "t2", startedAt: now }),
        c: runs({ workerId: "w2", token: "t2", startedAt: now }),
        d: waits(),
      },
      jobs: {
        b: queued("b", {
          ...{ payload: "q", status: "in-progress", workerId: "w2", token: "t2", startedAt: now, lastUpdatedAt: now },
        }),
      },
    },
  },
  "a folded job that is completed stays folded, with its result, and what is kept expires with the last": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15 }, folded: { a: runs({ payload: "p" }), b: runs() } },
    call: turn({
      finished: [
        { id: "a", token: "t", leaseEndsAt: 9e15, outcome: "completed", result: "r" },
        { id: "b", token: "t", outcome: "completed" },
        { id: "a", token: "t", outcome: "completed", result: "another" },
        { id: "a", token: "x", outcome: "completed" },
      ],
    }),
    reply: { ...quiet, settled: ["completed", "completed", "completed", "lost"], jobs: [] },
    after: {
      done: { a: noon + hour * 1_000, b: noon + hour * 1_000 },
      meta: { completed: "2" },
      folded: { a: done({ payload: "p", result: "r" }), b: done() },
      ttl: kept,
    },
  },
  "nothing folded expires while a job waits or runs": {
    script: "step",
    before: { ready: { b: 1 }, leased: { a: 9e15 }, folded: { a: runs(), b: waits() } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "completed" }] }),
    reply: { ...quiet, settled: ["completed"], jobs: [] },
    after: {
      ready: { b: 1 },
      done: { a: noon + hour * 1_000 },
      meta: { completed: "1" },
      folded: { a: done(), b: waits() },
      ttl: { done: hour },
    },
  },
  "a folded job is completed only by who holds it": {
    script: "step",
    before: { ready: { b: 1 }, leased: { a: noon + 5 }, folded: { a: runs({ token: "another's" }), b: waits() } },
    call: turn({
      finished: [
        { id: "a", token: "t", leaseEndsAt: noon + 5, outcome: "completed" },
        { id: "a", token: "another", leaseEndsAt: noon + 5, outcome: "completed" },
        { id: "b", token: "t", leaseEndsAt: noon + 5, outcome: "completed" },
        { id: "c", token: "t", leaseEndsAt: noon + 5, outcome: "completed" },
      ],
    }),
    reply: { ...quiet, settled: ["lost", "lost", "lost", "gone"], jobs: [] },
    after: { ready: { b: 1 }, leased: { a: noon + 5 }, folded: { a: runs({ token: "another's" }), b: waits() } },
  },
  "a folded job with a large result gets a hash": {
    script: "step",
    before: { leased: { a: 9e15 }, folded: { a: runs({ payload: "p" }) } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "completed", result: "r".repeat(1_025) }] }),
    reply: { ...quiet, settled: ["completed"], jobs: [] },
    after: {
      done: { a: noon + hour * 1_000 },
      meta: { completed: "1" },
      jobs: {
        a: running("a", {
          ...{ payload: "p", status: "completed", completedAt: now, lastUpdatedAt: now, result: "r".repeat(1_025) },
        }),
      },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "a folded job that failed gets a hash": {
    script: "step",
    before: { leased: { a: 9e15 }, folded: { a: runs({ payload: "p", maxRetries: "0" }) } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "failed", error: "{}" }] }),
    reply: { ...quiet, settled: ["failed"], jobs: [] },
    after: {
      dead: { a: noon },
      meta: { failed: "1" },
      jobs: {
        a: queued("a", {
          ...{ payload: "p", maxRetries: "0", status: "failed", token: "t", startedAt: "1", completedAt: now },
          ...{ lastUpdatedAt: now, error: "{}", "error:1": "{}" },
        }),
      },
      ttl: { dead: week, "job:a": week },
    },
  },
  "a folded job whose worker went away gets a hash, and its old place": {
    script: "recover",
    before: { leased: { a: noon }, folded: { a: runs() } },
    call: (store) => store.recoverStuck(),
    reply: { recovered: 1, dead: 0, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      ready: { a: placeInLine(0) },
      jobs: { a: queued("a", { token: "", startedAt: "1", lastUpdatedAt: now, recoveryCount: "1" }) },
    },
  },
  "ended jobs that were folded are dropped when there are too many": {
    script: "step",
    before: { done: { a: noon + 8_000, b: noon + 9_000 }, folded: { a: done(), b: done() } },
    options: { keepCompleted: { count: 1 } },
    call: turn({}),
    reply: { ...quiet, settled: [], jobs: [] },
    after: { done: { b: noon + 9_000 }, folded: { b: done() }, ttl: { plain: 10, course: 10 } },
  },
  "a folded job that is removed leaves nothing": {
    script: "remove",
    before: { done: { a: noon + 1, b: noon + 9_000 }, ready: { c: 1 }, folded: { a: done(), b: done(), c: waits() } },
    call: async (store) => [await store.remove("a"), await store.remove("c")],
    reply: [
      { removed: true, status: "completed" },
      { removed: true, status: "queued" },
    ],
    replyAgain: [
      { removed: false, status: "unknown" },
      { removed: true, status: "queued" },
    ],
    after: { done: { b: noon + 9_000 }, folded: { b: done() }, ttl: { plain: 10, course: 10 } },
  },
  "a folded job that is canceled was the last that waited": {
    script: "cancel",
    before: { done: { b: noon + 9_000 }, ready: { a: 1 }, folded: { a: waits(), b: done() } },
    call: (store) => store.cancel("a"),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: {
      done: { b: noon + 9_000, a: noon + hour * 1_000 },
      meta: { canceled: "1" },
      folded: { b: done() },
      jobs: { a: queued("a", { status: "canceled", completedAt: now, lastUpdatedAt: now }) },
      ttl: { plain: hour, course: hour, done: hour, "job:a": hour },
    },
  },
});

describe("a folded job", () => {
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

  const turnOf = { worker: "w", finished: [], leaseMs: 30_000, resume: false, listed: false };

  test.each([
    ["that waits", 0],
    ["that runs", 1],
    ["that is done", 2],
  ])("%s reads as if it had a hash", async (_, stage) => {
    const clock = { now: () => noon };
    const stores = [true, false].map((fold) => new JobStore(redis, `q-${randomUUID()}`, { ...clock, fold }));
    const read = await Promise.all(
      stores.map(async (store) => {
        await store.create({ id: "a", name: "é", payload: "\u0000ü" });
        if (stage > 0) await store.step({ ...turnOf, token: "t", want: 1 });
        const finished = [{ id: "a", token: "t", outcome: "completed" as const, result: "ä" }];
        if (stage > 1) await store.step({ ...turnOf, token: "t2", finished, want: 0 });
        const set = (["ready", "leased", "done"] as const)[stage] as "ready";
        return [
          await store.get("a"),
          await store.peek("a", { result: true }),
          await store.list(set),
          await store.list(set, { full: true }),
        ];
      }),
    );
    expect((await stateOf(stores[0] as JobStore)).folded).toHaveProperty("a");
    expect((await stateOf(stores[1] as JobStore)).jobs).toHaveProperty("a");
    expect(read[0]).toEqual(read[1]);
    expect(read[0]?.[0]).toMatchObject({ id: "a", name: "é", maxRetries: 3 });
  });

  test.each<[string, (store: JobStore, held: Held) => Promise<unknown>]>([
    ["and waits", (store, { id }) => store.get(id)],
    ["was completed since", (store, held) => store.complete(held)],
    ["failed since and has a hash", (store, held) => store.fail(held, "no", "1h")],
  ])("that is added again by the same call, whose reply was lost, %s, is as it was", async (what, become) => {
    const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true });
    const rows = Array.from({ length: 3 }, (_, place) => rowOf({ name: "n", payload: `${place}` }, {}, 3));
    await store.createRows(rows);
    if (what !== "and waits") await store.step({ ...turnOf, token: "t", want: 3 });
    for (const { id } of rows) await become(store, { id, token: "t" });
    const before = await stateOf(store);
    expect(await store.createRows(rows)).toEqual(rows.map(({ id }) => ({ id, created: true })));
    expect(await stateOf(store)).toEqual({ ...before, meta: { ...before.meta, order: "6" } });
  });

  test("is gone when its time is over, although nobody has dropped it", async () => {
    const clock = { now: noon };
    const store = new JobStore(redis, `q-${randomUUID()}`, { now: () => clock.now, fold: true, keepCompleted: { age: "1m" } });
    await store.create({ id: "a", name: "n" });
    await store.create({ id: "b", name: "n" });
    const { jobs } = await store.step({ ...turnOf, token: "t", want: 1 });
    expect(await store.complete({ id: jobs[0]?.id as string, token: "t" })).toBe("completed");
    clock.now += 59_999;
    expect(await store.get("a")).toMatchObject({ status: "completed" });
    clock.now += 1;
    expect([await store.get("a"), await store.peek("a"), await store.watch("a"), (await store.list("done")).jobs]).toEqual([
      ...[undefined, undefined, "unknown", []],
    ]);
    expect(await store.get("b")).toMatchObject({ status: "queued" });
  });

  test.each<[string, (store: JobStore) => Promise<unknown>]>([
    ["watched", (store) => store.watch("a")],
    ["changed", (store) => store.update("a", { payload: "q" })],
    ["claimed by its id", (store) => store.claim("a", { worker: "w" })],
    [
      "extended",
      async (store) => store.extend([{ id: "a", token: ((await store.claim("a", { worker: "w" })) as { token: string }).token }]),
    ],
  ])("that is %s has a hash from then on, with all that it had", async (_, touch) => {
    const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true });
    await store.create({ id: "a", name: "n", payload: "p", maxRetries: 7 });
    const before = await stateOf(store);
    expect(before.folded).toHaveProperty("a");
    await touch(store);
    const { folded, jobs, ready } = await stateOf(store);
    expect(folded).toBeUndefined();
    expect(jobs?.["a"]).toMatchObject({ id: "a", name: "n", maxRetries: "7", order: before.folded?.["a"]?.["order"] });
    expect(ready ?? {}).toEqual((await store.get("a"))?.status === "queued" ? before.ready : {});
  });

  test("is what a queue makes of a plain job, unless it is told not to", async () => {
    const queues = [undefined, true, false].map(
      (fold) => new Queue(redis, `q-${randomUUID()}`, fold === undefined ? {} : { fold }),
    );
    const folded = queues.map(async (queue) => {
      await queue.add("n", 1);
      return (await stateOf(queue.store)).folded !== undefined;
    });
    expect(await Promise.all(folded)).toEqual([true, true, false]);
  });
});
