import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, type QueueState, stateOf } from "../../test/support/job-queue.ts";
import { now, queued, testTransitions, turn } from "../../test/support/transition.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { JobStore, type JobStoreOptions } from "./index.ts";
import { rowOf } from "./new-job.ts";

const hour = 3_600_000;
const place = (n: number): string => String(placeInLine(n));

/** What the lines of a job say that was fresh and that worker `w2` runs; and that is completed, and expires so long after noon. */
const runs = (more: object = {}): Record<string, unknown> => ({
  ...{ name: "n", createdAt: "1", maxRetries: "1", order: place(1), wasFresh: "yes", workerId: "w2", token: "t", startedAt: "1" },
  ...more,
});
const ended = (ms: number, more: object = {}): Record<string, unknown> =>
  runs({ result: "", completedAt: "3", expiresAt: String(noon + ms), ...more });
/** The same with a hash of its own. */
const canceled = (id: string): Record<string, unknown> => queued(id, { status: "canceled", completedAt: "3" });

const completed = (id: string, result?: string): ReturnType<typeof turn> =>
  turn({ finished: [{ id, token: "t", outcome: "completed", result }] });
const reply = { settled: [], jobs: [], leaseEndsAt: noon + 30_000, nextInMs: undefined, idle: 0 };
const keep = (count: number): JobStoreOptions => ({ keepCompleted: { age: hour, count } });

/** What is past, and how it expires when the queue falls idle. */
const rest = (state: QueueState, ms: number): QueueState => ({
  ...state,
  ttl: { ...state.ttl, plain: ms / 1_000, course: ms / 1_000 },
});

testTransitions({
  "a completed job that was fresh is past": {
    script: "step",
    before: { past: ["z"], leased: { a: noon + 1 }, folded: { z: ended(1), a: runs({ payload: "p" }) } },
    call: completed("a", "r"),
    options: keep(9),
    reply: { ...reply, settled: ["completed"] },
    after: rest(
      {
        past: ["z", "a"],
        meta: { completed: "1" },
        folded: { z: ended(1), a: ended(hour, { payload: "p", result: "r", completedAt: now }) },
        ttl: { past: 3_600 },
      },
      hour,
    ),
  },
  "one whose result has no room in its line is among the others": {
    script: "step",
    before: { leased: { a: noon + 1, b: noon + 1 }, folded: { a: runs(), b: runs({ order: place(2) }) } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "completed", result: "r".repeat(1_025) }] }),
    options: keep(9),
    reply: { ...reply, settled: ["completed"] },
    after: {
      leased: { b: noon + 1 },
      done: { a: noon + hour },
      meta: { completed: "1" },
      folded: { b: runs({ order: place(2) }) },
      jobs: {
        a: queued("a", {
          ...{ status: "completed", workerId: "w2", token: "t", startedAt: "1", order: place(1), completedAt: now },
          ...{ lastUpdatedAt: now, result: "r".repeat(1_025) },
        }),
      },
      ttl: { done: 3_600, "job:a": 3_600 },
    },
  },
  "what is past goes when its time is up, and so does a place whose line somebody took away": {
    script: "step",
    before: { past: ["a", "gone", "b", "c"], folded: { a: ended(-1), b: ended(0), c: ended(10_000) } },
    call: turn({}),
    reply: { ...reply },
    after: rest({ past: ["c"], folded: { c: ended(10_000) } }, 10_000),
  },
  "of what is past and the others the oldest go beyond what is kept": {
    script: "step",
    before: {
      past: ["p1", "p2", "p3"],
      done: { d0: noon + 5, d2: noon + 20, d4: noon + 40 },
      folded: { p1: ended(10), p2: ended(20), p3: ended(30_000) },
      jobs: { d0: canceled("d0"), d2: canceled("d2"), d4: canceled("d4") },
    },
    call: turn({}),
    options: keep(2),
    reply: { ...reply },
    after: rest({ past: ["p3"], done: { d4: noon + 40 }, folded: { p3: ended(30_000) }, jobs: { d4: canceled("d4") } }, 30_000),
  },
  "the lines stay as long as the last of what is past, although it is not the last in the list": {
    script: "step",
    before: { past: ["a", "b"], folded: { a: ended(20_000), b: ended(10_000) }, ttl: { past: 20 } },
    call: turn({}),
    reply,
    after: rest({ past: ["a", "b"], folded: { a: ended(20_000), b: ended(10_000) }, ttl: { past: 20 } }, 20_000),
  },
  "a page of what has ended has what is past, and others between": {
    script: "list-ended",
    before: {
      past: ["p1", "p2", "p3"],
      done: { d1: noon + 15, d2: noon + 20, d3: noon + 25 },
      folded: { p1: ended(10), p2: ended(20), p3: ended(30) },
      jobs: { d1: canceled("d1"), d2: canceled("d2"), d3: canceled("d3") },
    },
    call: async (store) => {
      const pages = [{ limit: 9 }, { offset: 1, limit: 2 }, { offset: 4, limit: 1 }, { limit: 4, newest: true }, { offset: 6 }];
      const read = await Promise.all(pages.map((page) => store.list("done", page)));
      return read.map(({ total, jobs }) => [total, ...jobs.map(({ id }) => id)]);
    },
    reply: [[6, "p1", "d1", "p2", "d2", "d3", "p3"], [6, "d1", "p2"], [6, "d3"], [6, "p3", "d3", "d2", "p2"], [6]],
  },
  "a job that is past is removed, with its place": {
    script: "remove",
    before: { past: ["a", "b"], folded: { a: ended(10_000), b: ended(20_000) } },
    call: (store) => store.remove("b"),
    reply: { removed: true, status: "completed" },
    replyAgain: { removed: false, status: "unknown" },
    after: { past: ["a"], folded: { a: ended(10_000) }, ttl: { plain: 10, course: 10 } },
  },
  "a completed job that was not fresh is removed": {
    script: "remove",
    before: { done: { a: noon + 10_000 }, folded: { a: ended(10_000, { wasFresh: undefined }) } },
    call: (store) => store.remove("a"),
    reply: { removed: true, status: "completed" },
    replyAgain: { removed: false, status: "unknown" },
    after: {},
  },
  "nothing happens any more to a job that is past: it is not canceled": {
    script: "cancel",
    before: { past: ["a"], folded: { a: ended(hour) } },
    call: (store) => store.cancel("a"),
    reply: { canceled: false, status: "completed" },
  },
  "nor changed": {
    script: "update",
    before: { past: ["a"], folded: { a: ended(hour) } },
    call: (store) => store.update("a", { priority: 1 }),
    reply: { updated: false, status: "completed" },
  },
  "nor claimed": {
    script: "claim",
    before: { past: ["a"], folded: { a: ended(hour) } },
    call: (store) => store.claim("a", { worker: "w" }),
    reply: { claimed: false, reason: "ended", status: "completed" },
  },
  "nor extended": {
    script: "extend",
    before: { past: ["a"], folded: { a: ended(hour) } },
    call: (store) => store.extend([{ id: "a", token: "t" }]),
    reply: ["a"],
  },
  "nor watched": {
    script: "watch",
    before: { past: ["a"], folded: { a: ended(hour) } },
    call: (store) => store.watch("a"),
    reply: "completed",
  },
  "nor failed: whose claim it was hears that it is completed, and others that they lost it": {
    script: "step",
    before: { past: ["a"], leased: { z: noon + 9 }, jobs: { z: queued("z") }, folded: { a: ended(hour) } },
    call: turn({ finished: ["t", "other"].map((token) => ({ id: "a", token, outcome: "failed", error: "{}" })) }),
    reply: { ...reply, settled: ["completed", "lost"] },
    after: { past: ["a"], leased: { z: noon + 9 }, jobs: { z: queued("z") }, folded: { a: ended(hour) } },
  },
  "who chooses the id of a job that is past and whose time is up has a new job, and the place goes": {
    script: "add",
    before: { past: ["b", "a"], folded: { b: ended(-1), a: ended(0) } },
    call: (store) => store.create({ id: "a", name: "n", maxRetries: 1 }),
    reply: { id: "a", created: true },
    replyAgain: { id: "a", created: false },
    after: {
      past: ["b"],
      ready: { a: placeInLine(1) },
      meta: { order: expect.any(String) },
      folded: { b: ended(-1) },
      jobs: { a: queued("a", { createdAt: now, lastUpdatedAt: now, order: place(1) }) },
    },
  },
});

describe("what is past", () => {
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

  test("has its result as it was told, however long that is", async () => {
    const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true, text: true, ...keep(10_000) });
    const sizes = [...Array.from({ length: 300 }, (_, n) => n + 1), 1_023, 1_024, 1_025];
    await store.createRows(sizes.map(() => rowOf({ name: "n", payload: undefined }, {}, 1)));
    const request = { worker: "w", token: "t", leaseMs: 30_000, resume: false, listed: false };
    const { jobs } = await store.step({ ...request, want: 1_000, finished: [] });
    const results = jobs.map(({ id }, place) => ({ id, result: "r".repeat(sizes[place] as number) }));
    const finished = results.map((each) => ({ ...each, token: "t", outcome: "completed" as const }));
    await store.step({ ...request, token: "e", want: 0, finished });
    for (const { id, result } of results) {
      const { result: read, status, completedAt } = (await store.get(id)) ?? {};
      expect([Buffer.from(read ?? "").toString(), status]).toEqual([result, "completed"]);
      expect(completedAt).toBeGreaterThan(0);
    }
  });

  test("is listed in pages as it ended, however much there is", async () => {
    const clock = { now: noon };
    const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true, now: () => clock.now, ...keep(10_000) });
    const request = { worker: "w", leaseMs: 30_000, resume: false, listed: false };
    const ids: string[] = [];
    for (let round = 0; round < 20; round++) {
      const rows = Array.from({ length: 50 }, () => rowOf({ name: "n", payload: undefined }, {}, 1));
      await store.createRows(rows);
      const token = `t${round}`;
      const { jobs } = await store.step({ ...request, token, want: 50, finished: [] });
      const finished = jobs.map(({ id }) => ({ id, token, outcome: "completed" as const }));
      await store.step({ ...request, token: `${token}e`, want: 0, finished });
      ids.push(...rows.map(({ id }) => id));
      const { id } = await store.create({ name: "canceled" });
      clock.now += 1;
      await store.cancel(id);
      clock.now += 1;
      ids.push(id);
    }
    const read: string[] = [];
    for (let offset = 0; offset < 1_020; offset += 130) {
      read.push(...(await store.list("done", { offset, limit: 130 })).jobs.map(({ id }) => id));
    }
    expect(read).toEqual(ids);
    const newest = await store.list("done", { offset: 100, limit: 7, newest: true });
    expect(newest.jobs.map(({ id }) => id)).toEqual(ids.toReversed().slice(100, 107));
    clock.now += hour;
    await store.step({ ...request, token: "last", want: 0, finished: [] });
    await store.step({ ...request, token: "last", want: 0, finished: [] });
    for (let round = 0; round < 4; round++) await store.step({ ...request, token: "last", want: 0, finished: [] });
    expect(await stateOf(store)).toEqual({ meta: expect.any(Object) });
  });
});
