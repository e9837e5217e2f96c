import { expect, test } from "vitest";
import { noon, placeInLine } from "../../test/support/job-queue.ts";
import { dead, now, queued, running, type Transition, testTransitions, turn } from "../../test/support/transition.ts";
import * as scripts from "./scripts.gen.ts";

const hour = 3_600;
const week = 7 * 24 * hour;
const claimed = {
  status: "in-progress",
  workerId: "w2",
  startedAt: now,
  lastUpdatedAt: now,
  token: expect.stringMatching(/^w2:/),
};
const stamped = { createdAt: now, lastUpdatedAt: now };
const scheduled = (id: string, due: number, more: object = {}): Record<string, unknown> =>
  queued(id, { status: "scheduled", retryDelayUntil: String(due), ...more });
const claimReply = {
  claimed: true,
  token: expect.stringMatching(/^w2:/),
  job: expect.objectContaining({ id: "a", status: "in-progress", workerId: "w2" }),
  leaseEndsAt: noon + 30_000,
};

const canceled = { status: "canceled", completedAt: now, lastUpdatedAt: now };
const afterCancel = { done: { a: noon + hour * 1_000 }, meta: { canceled: "1" }, ttl: { done: hour, "job:a": hour } };
const freed = (id: string, more: object): Record<string, unknown> =>
  queued(id, { token: "", startedAt: "1", lastUpdatedAt: now, ...more });

const transitions: Readonly<Record<string, Transition>> = {
  "a job is added to the end of the line": {
    script: "add",
    before: { meta: { order: "70" } },
    call: (store) =>
      store.createMany([
        { id: "a", name: "n", payload: "p" },
        { id: "b", name: "n", priority: -1, maxRetries: 0 },
      ]),
    reply: [
      { id: "a", created: true },
      { id: "b", created: true },
    ],
    // Which call made a job of a given id cannot be told after a lost reply: only that it is there, once.
    replyAgain: [
      { id: "a", created: false },
      { id: "b", created: false },
    ],
    after: {
      ready: { b: placeInLine(72, -1), a: placeInLine(71) },
      meta: { order: expect.any(String) },
      jobs: {
        a: queued("a", { payload: "p", maxRetries: "3", order: String(placeInLine(71)), ...stamped }),
        b: queued("b", { priority: "-1", maxRetries: "0", more: "1", order: String(placeInLine(72, -1)), ...stamped }),
      },
    },
  },
  "a delayed job is scheduled": {
    script: "add",
    before: { meta: { order: "0" } },
    call: (store) =>
      store.createMany([
        { id: "a", name: "n", delay: "1s", maxRetries: 1 },
        { id: "b", name: "n", runAt: noon + 7, maxRetries: 1 },
        { id: "c", name: "n", runAt: noon - 7, maxRetries: 1 },
      ]),
    reply: ["a", "b", "c"].map((id) => ({ id, created: true })),
    replyAgain: ["a", "b", "c"].map((id) => ({ id, created: false })),
    after: {
      ready: { c: placeInLine(3) },
      scheduled: { b: noon + 7, a: noon + 1_000 },
      meta: { order: expect.any(String) },
      jobs: {
        a: scheduled("a", noon + 1_000, { ...stamped, more: "1", order: String(placeInLine(1)) }),
        b: scheduled("b", noon + 7, { ...stamped, more: "1", order: String(placeInLine(2)) }),
        c: queued("c", { ...stamped, more: "1", order: String(placeInLine(3)) }),
      },
    },
  },
  "a job whose id is taken is left as it is": {
    script: "add",
    before: { ready: { a: 7 }, jobs: { a: queued("a") } },
    call: (store) => store.create({ id: "a", name: "other", payload: "p", delay: "1h", priority: 5 }),
    reply: { id: "a", created: false },
    after: { ready: { a: 7 }, jobs: { a: queued("a") }, meta: { order: expect.any(String) } },
  },
  "a waiting job is claimed by its id": {
    script: "claim",
    before: { ready: { a: 1 }, jobs: { a: queued("a") } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: claimReply,
    after: { leased: { a: noon + 30_000 }, jobs: { a: queued("a", claimed) } },
  },
  "a scheduled job that is due is claimed by its id": {
    script: "claim",
    before: { scheduled: { a: noon }, jobs: { a: scheduled("a", noon) } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: claimReply,
    after: { leased: { a: noon + 30_000 }, jobs: { a: scheduled("a", noon, claimed) } },
  },
  "a job that is not due is not claimed": {
    script: "claim",
    before: { scheduled: { a: noon + 9 }, jobs: { a: scheduled("a", noon + 9) } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: { claimed: false, reason: "not-due", dueInMs: 9 },
  },
  "a job that runs is not claimed, and its worker is named": {
    script: "claim",
    before: { leased: { a: 1 }, jobs: { a: running("a") } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: { claimed: false, reason: "in-progress", workerId: "w" },
  },
  "a job that has ended is not claimed": {
    script: "claim",
    before: { dead: { a: 5 }, jobs: { a: dead("a") } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: { claimed: false, reason: "ended", status: "failed" },
  },
  "a job that nobody knows is not claimed": {
    script: "claim",
    before: {},
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: { claimed: false, reason: "unknown" },
  },
  "a lease is extended by the token that holds it, and by no other": {
    script: "extend",
    before: { leased: { a: noon, b: noon, c: noon + 90_000 }, jobs: { a: running("a"), b: running("b"), c: running("c") } },
    call: (store) =>
      store.extend([
        { id: "a", token: "t", progress: { done: 1 } },
        { id: "b", token: "x" },
        { id: "c", token: "t" },
        { id: "d", token: "t" },
      ]),
    reply: ["b", "d"],
    after: {
      leased: { b: noon, a: noon + 30_000, c: noon + 90_000 },
      jobs: { a: running("a", { progress: '{"done":1}', lastUpdatedAt: now }), b: running("b"), c: running("c") },
    },
  },
  "a job that waits is canceled": {
    script: "cancel",
    before: { ready: { a: 1, b: 2 }, jobs: { a: queued("a"), b: queued("b") } },
    call: (store) => store.cancel("a"),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: { ready: { b: 2 }, jobs: { a: queued("a", canceled), b: queued("b") }, ...afterCancel },
  },
  "a scheduled job is canceled": {
    script: "cancel",
    before: { scheduled: { a: noon + 9 }, jobs: { a: scheduled("a", noon + 9) } },
    call: (store) => store.cancel("a"),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: { jobs: { a: scheduled("a", noon + 9, canceled) }, ...afterCancel },
  },
  "a job that runs is canceled, and its claim no longer holds": {
    script: "cancel",
    before: { leased: { a: 1 }, jobs: { a: running("a") } },
    call: (store) => store.cancel("a"),
    reply: { canceled: true, status: "canceled" },
    replyAgain: { canceled: false, status: "canceled" },
    after: {
      ...afterCancel,
      meta: { ...afterCancel.meta, watched: "1" },
      jobs: { a: queued("a", { ...canceled, workerId: "w", startedAt: "1" }) },
    },
  },
  "a job that has ended is not canceled": {
    script: "cancel",
    before: { dead: { a: 5 }, jobs: { a: dead("a") } },
    call: (store) => store.cancel("a"),
    reply: { canceled: false, status: "failed" },
  },
  "a job is read": {
    script: "get",
    before: { ready: { a: 1 }, jobs: { a: queued("a") } },
    call: (store) => store.get("a"),
    reply: expect.objectContaining({ id: "a", status: "queued", maxRetries: 1 }),
  },
  "a job is looked at, without its payload": {
    script: "peek",
    before: { ready: { a: 1 }, jobs: { a: queued("a", { payload: "p", trace: "x" }) } },
    call: (store) => store.peek("a"),
    reply: expect.objectContaining({ id: "a", status: "queued", payload: undefined, trace: "x" }),
  },
  "a page of jobs is read": {
    script: "list",
    before: { scheduled: { a: 1, b: 2, c: 3 }, jobs: { a: queued("a"), b: queued("b"), c: queued("c") } },
    call: (store) => store.list("scheduled", { offset: 1, limit: 1 }),
    reply: { total: 3, jobs: [expect.objectContaining({ id: "b" })] },
  },
  "a queue is paused": {
    script: "pause",
    before: { ready: { a: 1 }, jobs: { a: queued("a") } },
    call: (store) => store.pause(true),
    reply: undefined,
    after: { ready: { a: 1 }, jobs: { a: queued("a") }, meta: { paused: "1" } },
  },
  "a paused queue goes on, and wakes its workers": {
    script: "pause",
    before: { meta: { paused: "1", order: "7" }, idle: { w1: noon, w2: noon } },
    call: (store) => store.pause(false),
    reply: undefined,
    after: { meta: { order: "7" } },
  },
  "a job whose lease has lapsed has its old place again": {
    script: "recover",
    before: {
      ready: { b: placeInLine(5) },
      leased: { a: noon, c: noon + 1 },
      jobs: { a: running("a"), b: queued("b"), c: running("c") },
    },
    call: (store) => store.recoverStuck(),
    reply: { recovered: 1, dead: 0, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      ready: { a: placeInLine(0), b: placeInLine(5) },
      leased: { c: noon + 1 },
      jobs: { a: freed("a", { recoveryCount: "1" }), b: queued("b"), c: running("c") },
    },
  },
  "a job that is recovered with a delay waits a day at most": {
    script: "recover",
    before: { leased: { a: 1 }, jobs: { a: running("a", { recoveryCount: "2" }) } },
    call: (store) => store.recoverStuck({ delay: "7h" }),
    reply: { recovered: 1, dead: 0, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      scheduled: { a: noon + 24 * hour * 1_000 },
      jobs: { a: freed("a", { recoveryCount: "3", status: "scheduled", retryDelayUntil: String(noon + 24 * hour * 1_000) }) },
    },
  },
  "a job that is recovered with a delay waits twice as long each time": {
    script: "recover",
    before: { leased: { a: 1 }, jobs: { a: running("a", { recoveryCount: "2" }) } },
    call: (store) => store.recoverStuck({ delay: 100 }),
    reply: { recovered: 1, dead: 0, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      scheduled: { a: noon + 400 },
      jobs: { a: freed("a", { recoveryCount: "3", status: "scheduled", retryDelayUntil: String(noon + 400) }) },
    },
  },
  "a job whose lease lapsed too often is a dead letter": {
    script: "recover",
    before: { leased: { a: 1 }, jobs: { a: running("a", { recoveryCount: "3" }) } },
    call: (store) => store.recoverStuck(),
    reply: { recovered: 0, dead: 1, more: false },
    replyAgain: { recovered: 0, dead: 0, more: false },
    after: {
      dead: { a: noon },
      meta: { failed: "1" },
      jobs: {
        a: freed("a", { recoveryCount: "4", status: "failed", completedAt: now, error: expect.stringContaining("JOB_STUCK") }),
      },
      ttl: { dead: week, "job:a": week },
    },
  },
  "a job is forgotten": {
    script: "remove",
    before: { dead: { a: 5 }, ready: { b: 1 }, jobs: { a: dead("a"), b: queued("b") } },
    call: (store) => store.remove("a"),
    reply: { removed: true, status: "failed" },
    replyAgain: { removed: false, status: "unknown" },
    after: { ready: { b: 1 }, jobs: { b: queued("b") } },
  },
  "a job that runs is not forgotten": {
    script: "remove",
    before: { leased: { a: 1 }, jobs: { a: running("a") } },
    call: (store) => store.remove("a"),
    reply: { removed: false, status: "in-progress" },
  },
  "dead letters that are named are put at the end of the line": {
    script: "replay",
    before: {
      dead: { a: 5, b: 6 },
      meta: { failed: "2", order: "9" },
      jobs: {
        a: dead("a", { priority: "2", retryCount: "3", recoveryCount: "1", retryDelayUntil: "4", workerId: "w" }),
        b: dead("b"),
      },
      ttl: { dead: week, "job:a": week, "job:b": week },
    },
    call: (store) => store.replay({ ids: ["a", "x"] }),
    reply: { replayed: 1, more: false, nowMs: noon },
    replyAgain: { replayed: 0, more: false, nowMs: noon },
    after: {
      ready: { a: placeInLine(10, 2) },
      dead: { b: 6 },
      meta: { failed: "1", order: "10" },
      jobs: { a: freed("a", { priority: "2", order: String(placeInLine(10, 2)) }), b: dead("b") },
      ttl: { dead: week, "job:b": week },
    },
  },
  "the oldest dead letters are replayed, up to a time": {
    script: "replay",
    before: { dead: { a: 5, b: 6, c: 7 }, meta: { failed: "3", order: "0" }, jobs: { a: dead("a"), b: dead("b"), c: dead("c") } },
    call: (store) => store.replay({ limit: 2, until: 6 }),
    reply: { replayed: 2, more: false, nowMs: noon },
    replyAgain: { replayed: 0, more: false, nowMs: noon },
    after: {
      ready: { a: placeInLine(1), b: placeInLine(2) },
      dead: { c: 7 },
      meta: { failed: "1", order: "2" },
      jobs: {
        a: freed("a", { order: String(placeInLine(1)) }),
        b: freed("b", { order: String(placeInLine(2)) }),
        c: dead("c"),
      },
    },
  },
  "a turn that has nothing to tell and finds nothing changes nothing": {
    script: "step",
    before: {},
    call: turn({ want: 0 }),
    reply: { settled: [], jobs: [], nextInMs: undefined, idle: 0, leaseEndsAt: noon + 30_000 },
  },
  "the jobs are counted": {
    script: "stats",
    before: {
      ready: { a: 1 },
      scheduled: { b: 1, c: 1 },
      leased: { d: 1, e: 1, f: 1 },
      dead: { g: 1 },
      meta: { completed: "4", failed: "5", paused: "1" },
    },
    call: (store) => store.stats(),
    reply: { queued: 1, scheduled: 2, inProgress: 3, completed: 4, failed: 5, canceled: 0, dead: 1, paused: true },
  },
  "a job that waits is changed, and keeps its place among those of its new priority": {
    script: "update",
    before: {
      ready: { a: placeInLine(4, 7) },
      jobs: { a: queued("a", { priority: "7", payload: "p", trace: "x", order: placeInLine(4, 7) }) },
    },
    call: (store) => store.update("a", { priority: 0, maxRetries: 0, payload: null, timeoutMs: 5 }),
    reply: { updated: true, status: "queued" },
    after: {
      ready: { a: placeInLine(4) },
      jobs: {
        a: {
          ...{ id: "a", name: "n", status: "queued", createdAt: "1", lastUpdatedAt: now, order: String(placeInLine(4)) },
          ...{ trace: "x", timeoutMs: "5", more: "1" },
        },
      },
    },
  },
  "a job that waits is put off": {
    script: "update",
    before: { ready: { a: 1 }, jobs: { a: queued("a") } },
    call: (store) => store.update("a", { delay: 50 }),
    reply: { updated: true, status: "scheduled" },
    after: { scheduled: { a: noon + 50 }, jobs: { a: scheduled("a", noon + 50, { lastUpdatedAt: now, more: "1" }) } },
  },
  "a scheduled job is brought forward": {
    script: "update",
    before: { scheduled: { a: noon + 9 }, jobs: { a: scheduled("a", noon + 9) } },
    call: (store) => store.update("a", { delay: 0 }),
    reply: { updated: true, status: "queued" },
    after: { ready: { a: placeInLine(0) }, jobs: { a: queued("a", { retryDelayUntil: now, lastUpdatedAt: now, more: "1" }) } },
  },
  "a job that runs is not changed": {
    script: "update",
    before: { leased: { a: 1 }, jobs: { a: running("a") } },
    call: (store) => store.update("a", { payload: "x" }),
    reply: { updated: false, status: "in-progress" },
  },
  "a job that is watched closely is watched for as long as another that is watched for longer": {
    script: "watch",
    before: { ready: { a: 1 }, meta: { watched: String(noon + 90_000) }, jobs: { a: queued("a") } },
    call: (store) => store.watch("a", { closely: true }),
    reply: "queued",
    after: { ready: { a: 1 }, meta: { watched: String(noon + 90_000) }, jobs: { a: queued("a", { notify: "2", more: "1" }) } },
  },
  "a job that waits is watched": {
    script: "watch",
    before: { ready: { a: 1 }, jobs: { a: queued("a") } },
    call: (store) => store.watch("a"),
    reply: "queued",
    after: { ready: { a: 1 }, meta: { watched: String(noon + 60_000) }, jobs: { a: queued("a", { notify: "1" }) } },
  },
  "a job that has ended, and one that is not there, need no watching": {
    script: "watch",
    before: { dead: { a: 5 }, jobs: { a: dead("a") } },
    call: async (store) => [await store.watch("a"), await store.watch("b")],
    reply: ["failed", "unknown"],
  },
};

testTransitions(transitions);

test("every script has such a test", () => {
  const played = new Set(Object.values(transitions).map(({ script }) => script));
  played.add("agree"); // in partitions.test.ts
  played.add("listWaiting"); // in fresh.test.ts
  played.add("addBatch"); // in batch.test.ts
  played.add("listEnded"); // in past.test.ts
  expect(Object.keys(scripts).filter((name) => !played.has(name))).toEqual([]);
});
