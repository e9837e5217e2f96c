import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, seed, stateOf } from "../../test/support/job-queue.ts";
import { now, queued, testTransitions, turn } from "../../test/support/transition.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type JobStore, type JobStoreOptions, Queue } from "./index.ts";
import { rowOf } from "./new-job.ts";

const fold: JobStoreOptions = { fold: true };
const place = (n: number): string => String(placeInLine(n));
const lease = noon + 30_000;
const idOf = (letter: string): string => letter.padEnd(22, "-");
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(idOf) as [string, string, string, string, string];
const batch = a.slice(0, 16);

/** Rows of a call that makes a batch. */
const row = (id: string, payload?: string | Uint8Array): ReturnType<typeof rowOf> => ({
  ...rowOf({ name: "n", payload }, {}, 1),
  id,
});
const four = [row(a), row(b, "é"), row(c), row(d)];
const allCreated = [a, b, c, d].map((id) => ({ id, created: true }));

/** What the lines of a job of the batch say, whose first stands at place 1 and was added at 1: while it waits, runs, has ended. */
const waits = (behind: number, more: object = {}): Record<string, unknown> => ({
  ...{ batch, behind: String(behind), name: "n", createdAt: "1", maxRetries: "1", order: place(1 + behind) },
  ...more,
});
const runs = (behind: number, more: object = {}): Record<string, unknown> =>
  waits(behind, { wasFresh: "yes", workerId: "w2", token: "t2", startedAt: now, ...more });
const ended = (behind: number): Record<string, unknown> =>
  runs(behind, { startedAt: "2", result: "", completedAt: "3", expiresAt: String(lease) });
const waiting = (count: number): Record<string, string> => ({ [batch]: `1 1 ${count}` });

const got = (id: string, createdAt = 1): unknown =>
  expect.objectContaining({ id, name: "n", createdAt, maxRetries: 1, workerId: "w2" });
const reply = { settled: [], leaseEndsAt: lease, nextInMs: undefined, idle: 0 };

testTransitions({
  "plain jobs of one name and as many retries are a batch": {
    script: "add-batch",
    before: {
      fresh: ["z"],
      meta: { order: "7" },
      done: { [e]: lease },
      folded: { [e]: ended(0) },
      ttl: { plain: 60, course: 60 },
    },
    options: fold,
    call: (store) => store.createRows(four),
    reply: allCreated,
    after: {
      fresh: ["z", a, b, c, d],
      meta: { order: "11" },
      done: { [e]: lease },
      batches: { [batch]: `${noon} 8 4` },
      folded: {
        [e]: ended(0),
        [a]: waits(0, { createdAt: now, order: place(8) }),
        [b]: waits(1, { createdAt: now, order: place(9), payload: "é" }),
        [c]: waits(2, { createdAt: now, order: place(10) }),
        [d]: waits(3, { createdAt: now, order: place(11) }),
      },
    },
  },
  "a batch that is added again when none of it waits stays as it is, and what was dropped of it is not back": {
    script: "add-batch",
    before: { leased: { [a]: lease }, done: { [c]: lease }, folded: { [a]: runs(0), [c]: ended(2) } },
    options: fold,
    call: (store) => store.createRows(four),
    reply: allCreated,
  },
  "a batch that is added again when one of it has a hash stays as it is": {
    script: "add-batch",
    before: { ready: { [b]: placeInLine(2) }, jobs: { [b]: queued(b) } },
    options: fold,
    call: (store) => store.createRows(four),
    reply: allCreated,
  },
  "a batch that is added again when one of it waits stays as it is": {
    script: "add-batch",
    before: { fresh: [d], batches: waiting(1), folded: { [d]: waits(3) } },
    options: fold,
    call: (store) => store.createRows(four),
    reply: allCreated,
  },
  "a batch is claimed in part": {
    script: "step",
    before: { fresh: [a, b, c], batches: waiting(3), folded: { [a]: waits(0), [b]: waits(1, { payload: "x" }), [c]: waits(2) } },
    call: turn({ want: 2 }),
    reply: { ...reply, jobs: [got(a), got(b)] },
    replyAgain: { ...reply, jobs: [got(a), got(b)] },
    after: {
      fresh: [c],
      leased: { [a]: lease, [b]: lease },
      batches: waiting(1),
      folded: { [a]: runs(0), [b]: runs(1, { payload: "x" }), [c]: waits(2) },
    },
  },
  "batches, other plain jobs and those that are ready are claimed in one order, and leave nothing but what they are": {
    script: "step",
    before: {
      fresh: [a, "other", b, e],
      ready: { ready: placeInLine(2) },
      batches: { ...waiting(2), [e.slice(0, 16)]: `2 9 1` },
      folded: {
        [a]: waits(0),
        other: { name: "n", createdAt: "1", maxRetries: "1", order: place(3) },
        [b]: waits(7),
        [e]: waits(0, { batch: e.slice(0, 16), createdAt: "2", order: place(9) }),
      },
      jobs: { ready: queued("ready", { order: place(2) }) },
    },
    call: turn({ want: 9 }),
    reply: { ...reply, jobs: [got(a), got("ready"), got("other"), got(b), got(e, 2)], nextInMs: 30_000, idle: 1 },
    replyAgain: { ...reply, jobs: [got(a), got(b), got(e, 2), got("other"), got("ready")], nextInMs: 30_000, idle: 1 },
    after: {
      leased: { [a]: lease, ready: lease, other: lease, [b]: lease, [e]: lease },
      idle: { w2: noon },
      ttl: { idle: 90 },
      folded: {
        [a]: runs(0),
        other: {
          name: "n",
          createdAt: "1",
          maxRetries: "1",
          order: place(3),
          wasFresh: "yes",
          workerId: "w2",
          token: "t2",
          startedAt: now,
        },
        [b]: runs(7),
        [e]: runs(0, { batch: e.slice(0, 16), createdAt: "2", order: place(9) }),
      },
      jobs: {
        ready: queued("ready", {
          ...{ status: "in-progress", workerId: "w2", token: "t2", startedAt: now, lastUpdatedAt: now, order: place(2) },
        }),
      },
    },
  },
  "one of a batch that is canceled before its turn leaves it, and its place": {
    script: "cancel",
    before: { fresh: [a, b], batches: waiting(2), folded: { [a]: waits(0), [b]: waits(1, { payload: "x" }) } },
    call: (store) => store.cancel(b),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: {
      fresh: [a, b],
      vacant: { [b]: placeInLine(2) },
      batches: waiting(1),
      done: { [b]: noon + 3_600_000 },
      meta: { canceled: "1" },
      folded: { [a]: waits(0) },
      jobs: { [b]: queued(b, { status: "canceled", payload: "x", completedAt: now, lastUpdatedAt: now, order: place(2) }) },
      ttl: { done: 3_600, [`job:${b}`]: 3_600 },
    },
  },
  "the last of a batch that is removed leaves nothing": {
    script: "remove",
    before: { fresh: [b], batches: waiting(1), folded: { [b]: waits(1) } },
    call: (store) => store.remove(b),
    reply: { removed: true, status: "queued" },
    replyAgain: { removed: false, status: "unknown" },
    after: {},
  },
  "one of a batch whose lease lapsed is ready, at its old place": {
    script: "recover",
    before: { fresh: [c], leased: { [b]: noon }, batches: waiting(1), folded: { [b]: runs(1), [c]: waits(2) } },
    call: (store) => store.recoverStuck(),
    reply: { recovered: 1, dead: 0, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      fresh: [c],
      ready: { [b]: placeInLine(2) },
      batches: waiting(1),
      folded: { [c]: waits(2) },
      jobs: { [b]: queued(b, { token: "", recoveryCount: "1", startedAt: now, lastUpdatedAt: now, order: place(2) }) },
    },
  },
  "a page of what is in line has batches, and others between them": {
    script: "list-waiting",
    before: {
      ready: { ready: placeInLine(2) },
      fresh: [a, "gone", c, d],
      vacant: { gone: placeInLine(3) },
      batches: waiting(3),
      folded: { [a]: waits(0), [c]: waits(4), [d]: waits(5) },
      jobs: { ready: queued("ready", { order: place(2) }) },
    },
    call: async (store) => {
      const pages = [
        { offset: 0, limit: 9 },
        { offset: 1, limit: 2 },
        { limit: 3, newest: true },
      ];
      const read = await Promise.all(pages.map((page) => store.list("ready", page)));
      return read.map(({ total, jobs }) => [total, ...jobs.map(({ id, createdAt }) => `${id[0]} ${createdAt}`)]);
    },
    reply: [
      [4, "a 1", "r 1", "c 1", "d 1"],
      [4, "r 1", "c 1"],
      [4, "d 1", "c 1", "r 1"],
    ],
  },
  "one of a batch is read while it runs, and when it has ended": {
    script: "get",
    before: { leased: { [a]: lease }, done: { [c]: lease }, folded: { [a]: runs(0), [c]: ended(2) } },
    call: async (store) => [await store.get(a), await store.get(c)],
    reply: [
      expect.objectContaining({ id: a, status: "in-progress", createdAt: 1, startedAt: noon }),
      expect.objectContaining({
        id: c,
        status: "completed",
        createdAt: 1,
        startedAt: 2,
        completedAt: 3,
        name: "n",
        maxRetries: 1,
      }),
    ],
  },
});

describe("a queue of batches", () => {
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

  const storeOf = (): JobStore => new Queue(redis, `q-${randomUUID()}`).store;
  const rows = (count: number, make: (n: number) => object = () => ({})): ReturnType<typeof rowOf>[] =>
    Array.from({ length: count }, (_, n) => ({ ...rowOf({ name: "n", payload: "p" }, {}, 1), ...make(n) }));

  test.each([
    ["there are few", rows(3)],
    ["there are more than a thousand", rows(1_001)],
    ["one has another name", rows(5, (n) => ({ name: n === 4 ? "other" : "n" }))],
    ["one has other retries", rows(5, (n) => ({ maxRetries: n }))],
    ["one has an id that was chosen", rows(5, (n) => ({ ownId: n !== 2 }))],
    ["one has more to it", rows(5, (n) => (n === 1 ? { more: { priority: "1" } } : {}))],
    ["one has a large payload", rows(5, (n) => ({ payload: "é".repeat(n === 3 ? 513 : 512) }))],
  ])("has none if %s", async (_, jobs) => {
    const store = storeOf();
    expect(await store.createRows(jobs)).toEqual(jobs.map(({ id }) => ({ id, created: true })));
    const { batches, folded } = await stateOf(store);
    expect([batches, Object.values(folded ?? {}).filter((job) => "batch" in job)]).toEqual([undefined, []]);
  });

  test.each([
    ["text", "é€😀"],
    ["bytes", Uint8Array.of(0, 255, 10, 98)],
    ["as much as a line may have", "x".repeat(1_024)],
    ["nothing", undefined],
  ])("hands out names and payloads as they were: %s", async (_, payload) => {
    const store = storeOf();
    const name = "näme \n €".repeat(20);
    const jobs = Array.from({ length: 1_000 }, () => rowOf({ name, payload }, {}, 1_000));
    await store.createRows(jobs);
    const bytes = payload === undefined ? undefined : new Uint8Array(Buffer.from(payload as string));
    const expected = { name, maxRetries: 1_000, payload: bytes };
    const last = (jobs[999] as { id: string }).id;
    const read = async (): Promise<unknown> => {
      const job = await store.get(last);
      return { ...job, payload: job?.payload && Uint8Array.from(job.payload as Uint8Array) };
    };
    expect(await read()).toMatchObject({ ...expected, id: last, status: "queued" });
    const request = { worker: "w", token: "t", finished: [], leaseMs: 30_000, resume: false, listed: false };
    const { jobs: claimed } = await new Queue(redis, store.queue, { codec: asBytes }).store.step({ ...request, want: 1_000 });
    expect(claimed.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    const { payload: handed, ...job } = claimed[999] as (typeof claimed)[number];
    expect({ ...job, payload: handed && Uint8Array.from(handed as Uint8Array) }).toMatchObject(expected);
    expect(job.createdAt).toBeGreaterThan(0);
    expect(await read()).toMatchObject({ ...expected, createdAt: job.createdAt, status: "in-progress" });
    expect((await stateOf(store)).batches).toBeUndefined();
  });

  test("hands out the others although somebody took what they have in common away, or spoilt a line", async () => {
    const store = storeOf();
    await seed(store, {
      fresh: [a, b, c],
      ready: { ready: placeInLine(5) },
      folded: { [a]: waits(0), [b]: waits(1), [c]: waits(2) },
      jobs: { ready: queued("ready", { order: place(5) }) },
    });
    await redis.send(["HSET", store.keys.plain, b, "b"], { resend: "ok" });
    const request = { worker: "w", token: "t", finished: [], leaseMs: 30_000, resume: false, listed: false };
    const { jobs } = await store.step({ ...request, want: 10 });
    expect(jobs.map(({ id }) => id)).toEqual(expect.arrayContaining([a, c, "ready"]));
    expect(await store.stats()).toMatchObject({ queued: 0 });
  });
});

const asBytes = { encode: (value: unknown): Uint8Array => value as Uint8Array, decode: (bytes: unknown): unknown => bytes };
