import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, seed, stateOf } from "../../test/support/job-queue.ts";
import { now, queued, testTransitions, turn } from "../../test/support/transition.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { JobStore, type JobStoreOptions, Queue } from "./index.ts";
import { rowOf } from "./new-job.ts";

const hour = 3_600;
const fold: JobStoreOptions = { fold: true };
const place = (n: number): string => String(placeInLine(n));

/** What the line of a plain job says that stands at a place; and of one that worker `w2` runs. */
const waits = (n: number): Record<string, unknown> => ({ name: "n", createdAt: "1", maxRetries: "1", order: place(n) });
const runs = (n: number): Record<string, unknown> => ({ ...waits(n), workerId: "w2", token: "t2", startedAt: now });

/** The same of one that was fresh. */
const ran = (n: number): Record<string, unknown> => ({ ...runs(n), wasFresh: "yes" });

const row = (id: string, more: object = {}): ReturnType<typeof rowOf> => ({
  ...rowOf({ name: "n", payload: undefined, ...more }, { maxRetries: 1, ...more }, 1),
  id,
});
const got = (id: string): unknown => expect.objectContaining({ id, name: "n", status: "in-progress", workerId: "w2" });
const reply = { settled: [], leaseEndsAt: noon + 30_000 };
const lease = noon + 30_000;

testTransitions({
  "plain jobs of ids that were not chosen are fresh, in order; those that have more to them or are large are ready": {
    script: "add",
    before: { fresh: ["z"], meta: { order: "7" }, folded: { z: waits(7) } },
    options: fold,
    call: (store) =>
      store.createRows([
        row("b"),
        row("a", { name: "other" }),
        row("c", { priority: -1 }),
        row("d", { payload: "x".repeat(1_025) }),
      ]),
    reply: ["b", "a", "c", "d"].map((id) => ({ id, created: true })),
    after: {
      fresh: ["z", "b", "a"],
      ready: { c: placeInLine(10, -1), d: placeInLine(11) },
      meta: { order: expect.any(String) },
      folded: {
        z: waits(7),
        b: { ...waits(8), createdAt: now },
        a: { ...waits(9), createdAt: now, name: "other" },
      },
      jobs: {
        c: queued("c", { createdAt: now, lastUpdatedAt: now, priority: "-1", more: "1", order: String(placeInLine(10, -1)) }),
        d: queued("d", { createdAt: now, lastUpdatedAt: now, payload: "x".repeat(1_025), order: place(11) }),
      },
    },
  },
  "jobs are all ready if one of them has an id that was chosen": {
    script: "add",
    before: {},
    options: fold,
    call: (store) => store.createRows([row("a"), { ...row("b"), ownId: false }]),
    reply: [
      { id: "a", created: true },
      { id: "b", created: true },
    ],
    replyAgain: [
      { id: "a", created: true },
      { id: "b", created: false },
    ],
    after: {
      ready: { a: placeInLine(1), b: placeInLine(2) },
      meta: { order: expect.any(String) },
      folded: { a: { ...waits(1), createdAt: now }, b: { ...waits(2), createdAt: now } },
    },
  },
  "the fresh and the ready are claimed in one order": {
    script: "step",
    before: {
      ready: { first: placeInLine(9, -1), third: placeInLine(2), last: placeInLine(5) },
      fresh: ["second", "fourth", "fifth"],
      folded: { second: waits(1), fourth: waits(3), fifth: waits(4), third: waits(2), first: waits(9), last: waits(5) },
    },
    call: turn({ want: 4 }),
    reply: { ...reply, jobs: ["first", "second", "third", "fourth"].map(got), nextInMs: undefined, idle: 0 },
    replyAgain: { ...reply, jobs: ["first", "fourth", "second", "third"].map(got), nextInMs: undefined, idle: 0 },
    after: {
      ready: { last: placeInLine(5) },
      fresh: ["fifth"],
      leased: { first: lease, second: lease, third: lease, fourth: lease },
      folded: { first: runs(9), second: ran(1), third: runs(2), fourth: ran(3), fifth: waits(4), last: waits(5) },
    },
  },
  "vacant places are passed over, those at once behind the last that is claimed too": {
    script: "step",
    before: { fresh: ["a", "b", "c", "d", "e"], vacant: { a: 1, c: 3, d: 4 }, folded: { b: waits(2), e: waits(5) } },
    call: turn({ want: 1 }),
    reply: { ...reply, jobs: [got("b")], nextInMs: undefined, idle: 0 },
    after: { fresh: ["e"], leased: { b: lease }, folded: { b: ran(2), e: waits(5) } },
  },
  "a job that has the id of one that was fresh is claimed once, at its own place": {
    script: "step",
    before: {
      fresh: ["a", "b"],
      vacant: { a: placeInLine(1) },
      ready: { a: placeInLine(3) },
      folded: { a: waits(3), b: waits(2) },
    },
    call: turn({ want: 2 }),
    reply: { ...reply, jobs: [got("b"), got("a")], nextInMs: undefined, idle: 0 },
    replyAgain: { ...reply, jobs: [got("a"), got("b")], nextInMs: undefined, idle: 0 },
    after: { leased: { a: lease, b: lease }, folded: { a: runs(3), b: ran(2) } },
  },
  "a job that was removed and added again by the same call is claimed once": {
    script: "step",
    before: { fresh: ["a", "b", "a"], vacant: { a: placeInLine(1) }, folded: { a: waits(3), b: waits(2) } },
    call: turn({ want: 2 }),
    reply: { ...reply, jobs: [got("b"), got("a")], nextInMs: undefined, idle: 0 },
    replyAgain: { ...reply, jobs: [got("a"), got("b")], nextInMs: undefined, idle: 0 },
    after: { leased: { a: lease, b: lease }, folded: { a: ran(3), b: ran(2) } },
  },
  "a fresh job that is canceled leaves its place vacant": {
    script: "cancel",
    before: { fresh: ["a", "b"], folded: { a: waits(1), b: waits(2) } },
    call: (store) => store.cancel("a"),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: {
      fresh: ["a", "b"],
      vacant: { a: placeInLine(1) },
      done: { a: noon + hour * 1_000 },
      meta: { canceled: "1" },
      folded: { b: waits(2) },
      jobs: { a: queued("a", { status: "canceled", completedAt: now, lastUpdatedAt: now, order: place(1) }) },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "the last fresh job that is removed leaves nothing, nor do the places of those before": {
    script: "remove",
    before: { fresh: ["a", "b"], vacant: { a: placeInLine(1) }, folded: { b: waits(2) } },
    call: (store) => store.remove("b"),
    reply: { removed: true, status: "queued" },
    replyAgain: { removed: false, status: "unknown" },
    after: {},
  },
  "a fresh job that is changed is ready from then on, at its own place or another": {
    script: "update",
    before: { fresh: ["a", "b", "c"], folded: { a: waits(1), b: waits(2), c: waits(3) } },
    call: async (store) => [await store.update("a", { payload: "q" }), await store.update("b", { priority: 2 })],
    reply: [
      { updated: true, status: "queued" },
      { updated: true, status: "queued" },
    ],
    after: {
      fresh: ["a", "b", "c"],
      vacant: { a: placeInLine(1), b: placeInLine(2) },
      ready: { a: placeInLine(1), b: placeInLine(2, 2) },
      folded: { c: waits(3) },
      jobs: {
        a: queued("a", { payload: "q", lastUpdatedAt: now, more: "1", order: place(1) }),
        b: queued("b", { priority: "2", lastUpdatedAt: now, more: "1", order: String(placeInLine(2, 2)) }),
      },
    },
  },
  "a fresh job that somebody waits for is ready from then on": {
    script: "watch",
    before: { fresh: ["a", "b"], folded: { a: waits(1), b: waits(2) } },
    call: (store) => store.watch("b"),
    reply: "queued",
    after: {
      fresh: ["a", "b"],
      vacant: { b: placeInLine(2) },
      ready: { b: placeInLine(2) },
      meta: { watched: String(noon + 60_000) },
      folded: { a: waits(1) },
      jobs: { b: queued("b", { notify: "1", order: place(2) }) },
    },
  },
  "a fresh job is claimed by its id": {
    script: "claim",
    before: { fresh: ["a"], folded: { a: waits(1) } },
    call: async (store) => (await store.claim("a", { worker: "w" })).claimed,
    reply: true,
    after: {
      leased: { a: lease },
      jobs: {
        a: queued("a", {
          ...{
            status: "in-progress",
            workerId: "w",
            token: expect.any(String),
            startedAt: now,
            lastUpdatedAt: now,
            order: place(1),
          },
        }),
      },
    },
  },
  "a page of what is in line has the fresh and the ready": {
    script: "list-waiting",
    before: {
      ready: { first: placeInLine(9, -1), third: placeInLine(2), fifth: placeInLine(4), sixth: placeInLine(5) },
      fresh: ["second", "gone", "fourth"],
      vacant: { gone: placeInLine(2) },
      folded: { first: waits(9), second: waits(1), third: waits(2), fourth: waits(3), fifth: waits(4), sixth: waits(5) },
    },
    call: async (store) => {
      const pages = [
        { offset: 1, limit: 2 },
        { offset: 4, limit: 1 },
        { offset: 0, limit: 9 },
        { limit: 2, newest: true },
      ];
      const read = await Promise.all(pages.map((page) => store.list("ready", page)));
      return read.map(({ total, jobs }) => [total, ...jobs.map(({ id }) => id)]);
    },
    reply: [
      [6, "second", "third"],
      [6, "fifth"],
      [6, "first", "second", "third", "fourth", "fifth", "sixth"],
      [6, "sixth", "fifth"],
    ],
  },
  "the fresh are queued, vacant places are not": {
    script: "stats",
    before: { ready: { a: 1 }, fresh: ["b", "c"], vacant: { b: 2 }, folded: { c: waits(3) } },
    call: async (store) => (await store.stats()).queued,
    reply: 2,
  },
});

describe("a queue of fresh jobs", () => {
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

  const storeOf = (): JobStore => new JobStore(redis, `q-${randomUUID()}`, { ...fold, now: () => noon });
  const ask = { worker: "w2", finished: [], leaseMs: 30_000, resume: false, listed: false };

  test("with more vacant places at its front than a turn passes over is asked again at once", async () => {
    const gone = Array.from({ length: 1_500 }, (_, n) => `gone${n}`);
    const vacant = Object.fromEntries(gone.map((id, n) => [id, n]));
    const [store, other] = [storeOf(), storeOf()];
    for (const each of [store, other]) await seed(each, { fresh: [...gone, "a"], vacant, folded: { a: waits(1_501) } });
    const first = await store.step({ ...ask, token: "t1", want: 1 });
    expect({ ...first, left: (await stateOf(store)).fresh?.length }).toMatchObject({ jobs: [], nextInMs: 0, left: 500 });
    const second = await store.step({ ...ask, token: "t2", want: 1 });
    expect(second.jobs.map(({ id }) => id)).toEqual(["a"]);
    expect(await stateOf(store)).toEqual({ leased: { a: lease }, folded: { a: ran(1_501) } });
    expect(await other.claimNext({ worker: "w" })).toMatchObject({ job: { id: "a" } });
    expect(await other.claimNext({ worker: "w" })).toBeUndefined();
  });

  test("hands out no more payloads than may arrive in time", async () => {
    const store = storeOf();
    const large = "x".repeat(1_000);
    for (let round = 0; round < 5; round++) {
      await store.createRows(Array.from({ length: 1_000 }, () => rowOf({ name: "n", payload: large }, {}, 1)));
    }
    const claimed: number[] = [];
    for (let round = 0; round < 6; round++) {
      claimed.push((await store.step({ ...ask, token: `t${round}`, want: 1_000 })).jobs.length);
    }
    expect(claimed).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 0]);
    expect(await store.stats()).toMatchObject({ queued: 0, inProgress: 5_000 });
  });

  test("keeps the order in which calls of a thousand came", async () => {
    const store = storeOf();
    const rows = Array.from({ length: 3_000 }, () => rowOf({ name: "n", payload: undefined }, {}, 1));
    for (let from = 0; from < rows.length; from += 1_000) await store.createRows(rows.slice(from, from + 1_000));
    // Each has left its place, and stands where it stood.
    for (const { id } of rows.slice(250, 270)) await store.watch(id);
    const ids: string[] = [];
    for (let offset = 0; offset < 3_000; offset += 700) {
      ids.push(...(await store.list("ready", { offset, limit: 700 })).jobs.map(({ id }) => id));
    }
    expect(ids).toEqual(rows.map(({ id }) => id));
    const backwards = await store.list("ready", { offset: 2_725, limit: 20, newest: true });
    expect(backwards.jobs.map(({ id }) => id)).toEqual(ids.slice(255, 275).reverse());
    const { jobs } = await store.step({ ...ask, token: "t", want: 1_000 });
    expect(jobs.map(({ id }) => id)).toEqual(ids.slice(0, 1_000));
  });

  test("hands out the others although somebody spoilt a job, or took its line away", async () => {
    const queue = new Queue(redis, `q-${randomUUID()}`);
    const { store } = queue;
    const { id: spoilt } = await queue.add("n", 1);
    const { id: lost } = await queue.add("n", 2);
    await queue.add("n", 3);
    await queue.add("n", 4, { priority: -1 });
    await redis.send(["HSET", store.keys.plain, spoilt, "\u00c1"], { resend: "ok" });
    await redis.send(["HDEL", store.keys.plain, lost], { resend: "ok" });
    const { jobs } = await store.step({ ...ask, token: "t", want: 10 });
    expect(jobs.map(({ payload }) => payload)).toEqual(expect.arrayContaining(["3", "4"]));
    expect(await store.stats()).toMatchObject({ queued: 0 });
  });

  test("is what a queue makes of plain jobs", async () => {
    const queue = new Queue(redis, `q-${randomUUID()}`);
    const ids = (await queue.addMany([1, 2, 3].map((payload) => ({ name: "n", payload })))).map(({ id }) => id);
    await queue.add("n", 4, { id: "chosen" });
    expect(await stateOf(queue.store)).toMatchObject({ fresh: ids, ready: { chosen: expect.any(Number) } });
    expect(await queue.stats()).toMatchObject({ queued: 4 });
    expect((await queue.list("queued")).jobs.map(({ id }) => id)).toEqual([...ids, "chosen"]);
  });
});
