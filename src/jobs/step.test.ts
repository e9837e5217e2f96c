import { expect } from "vitest";
import { noon, placeInLine } from "../../test/support/job-queue.ts";
import { dead, now, queued, running, testTransitions, turn } from "../../test/support/transition.ts";

const hour = 3_600;
const week = 7 * 24 * hour;
const ended = { status: "completed", completedAt: now, lastUpdatedAt: now };
const failure = JSON.stringify({ name: "E", message: "no", attempt: 1, at: 5 });
const claimed = { status: "in-progress", workerId: "w2", token: "t2", startedAt: now, lastUpdatedAt: now };
const delayed = (id: string, due: number, more: object = {}): Record<string, unknown> =>
  queued(id, { status: "scheduled", retryDelayUntil: String(due), ...more });
const many = Array.from({ length: 16 }, (_, place) => `job-${10 + place}`);
const quiet = { nextInMs: undefined, idle: 0, leaseEndsAt: noon + 30_000 };

testTransitions({
  "the next jobs are claimed in order": {
    script: "step",
    before: {
      ready: { a: 1, b: 2, c: 3 },
      jobs: { a: queued("a"), b: queued("b"), c: queued("c", { progress: "1", more: "1" }) },
    },
    call: turn({ want: 2 }),
    reply: { ...quiet, settled: [], jobs: [expect.objectContaining({ id: "a" }), expect.objectContaining({ id: "b" })] },
    after: {
      ready: { c: 3 },
      leased: { a: noon + 30_000, b: noon + 30_000 },
      jobs: { a: queued("a", claimed), b: queued("b", claimed), c: queued("c", { progress: "1", more: "1" }) },
    },
  },
  "many leases at once are those of the jobs, and no more": {
    script: "step",
    before: {
      ready: Object.fromEntries(many.map((id, place) => [id, place])),
      jobs: Object.fromEntries(many.map((id) => [id, queued(id)])),
    },
    call: turn({ want: 16 }),
    reply: { ...quiet, settled: [], jobs: many.map((id) => expect.objectContaining({ id })) },
    after: {
      leased: Object.fromEntries(many.map((id) => [id, noon + 30_000])),
      jobs: Object.fromEntries(many.map((id) => [id, queued(id, claimed)])),
    },
  },
  "a completed job is kept for as long as its queue says, with its result": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15 }, jobs: { a: running("a"), b: running("b") } },
    call: turn({
      finished: [
        { id: "a", token: "t", outcome: "completed", result: "r" },
        { id: "b", token: "x", outcome: "completed" },
      ],
    }),
    reply: { ...quiet, settled: ["completed", "lost"], jobs: [] },
    after: {
      leased: { b: 9e15 },
      done: { a: noon + hour * 1_000 },
      meta: { completed: "1" },
      jobs: { a: running("a", { ...ended, result: "r" }), b: running("b") },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "a job is completed by when its lease ends: one that another has by now ends later, and is left to it": {
    script: "step",
    before: {
      leased: { a: noon + 5, b: noon + 9, c: noon + 7 },
      jobs: { a: running("a"), b: running("b", { token: "another's" }), c: running("c") },
    },
    call: turn({
      finished: [
        { id: "a", token: "t", leaseEndsAt: noon + 5, outcome: "completed", result: "r" },
        { id: "b", token: "t", leaseEndsAt: noon + 5, outcome: "completed", result: "r" },
        { id: "c", token: "t", leaseEndsAt: noon + 5, outcome: "completed" },
      ],
    }),
    reply: { ...quiet, settled: ["completed", "lost", "completed"], jobs: [] },
    after: {
      leased: { b: noon + 9 },
      done: { a: noon + hour * 1_000, c: noon + hour * 1_000 },
      meta: { completed: "2" },
      jobs: { a: running("a", { ...ended, result: "r" }), b: running("b", { token: "another's" }), c: running("c", ended) },
      ttl: { done: hour, "job:a": hour, "job:c": hour },
    },
  },
  "a job is completed by its token once its lease is over: another's may end in the same millisecond": {
    script: "step",
    before: { leased: { a: noon, b: noon }, jobs: { a: running("a", { token: "another's" }), b: running("b") } },
    call: turn({
      finished: [
        { id: "a", token: "t", leaseEndsAt: noon, outcome: "completed", result: "r" },
        { id: "b", token: "t", leaseEndsAt: noon, outcome: "completed", result: "r" },
      ],
    }),
    reply: { ...quiet, settled: ["lost", "completed"], jobs: [] },
    after: {
      ready: { a: placeInLine(0) },
      done: { b: noon + hour * 1_000 },
      meta: { completed: "1" },
      jobs: {
        a: queued("a", { token: "", startedAt: "1", lastUpdatedAt: now, recoveryCount: "1" }),
        b: running("b", { ...ended, result: "r" }),
      },
      ttl: { done: hour, "job:b": hour },
    },
  },
  "a job that is told of twice in one turn counts once": {
    script: "step",
    before: { leased: { a: noon + 5 }, jobs: { a: running("a") } },
    call: turn({
      finished: [
        { id: "a", token: "t", leaseEndsAt: noon + 5, outcome: "completed", result: "r" },
        { id: "a", token: "t", leaseEndsAt: noon + 5, outcome: "completed", result: "r" },
      ],
    }),
    reply: { ...quiet, settled: ["completed", "completed"], jobs: [] },
    after: {
      done: { a: noon + hour * 1_000 },
      meta: { completed: "1" },
      jobs: { a: running("a", { ...ended, result: "r" }) },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "a job whose hash was deleted while it ran is gone, and does not come back": {
    script: "step",
    before: { leased: { a: noon + 5 } },
    call: turn({ finished: [{ id: "a", token: "t", leaseEndsAt: noon + 5, outcome: "completed", result: "r" }] }),
    reply: { ...quiet, settled: ["gone"], jobs: [] },
    after: {},
  },
  "a failed job with retries left is scheduled again, with its error": {
    script: "step",
    before: { leased: { a: 9e15 }, jobs: { a: running("a") } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "failed", error: failure, delayMs: 50 }] }),
    reply: { ...quiet, settled: ["scheduled"], jobs: [] },
    after: {
      scheduled: { a: noon + 50 },
      jobs: {
        a: queued("a", {
          ...{ status: "scheduled", retryDelayUntil: String(noon + 50), lastUpdatedAt: now, retryCount: "1" },
          ...{ token: "t", startedAt: "1", error: failure, "error:1": failure },
        }),
      },
    },
  },
  "a failed job without retries left is a dead letter, and so is one that must not be tried again": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15 }, jobs: { a: running("a", { retryCount: "1" }), b: running("b") } },
    call: turn({
      finished: [
        { id: "a", token: "t", outcome: "failed", error: failure, delayMs: 50 },
        { id: "b", token: "t", outcome: "failed", error: failure },
      ],
    }),
    reply: { ...quiet, settled: ["failed", "failed"], jobs: [] },
    after: {
      dead: { a: noon, b: noon },
      meta: { failed: "2" },
      jobs: {
        a: {
          ...dead("a", {
            completedAt: now,
            lastUpdatedAt: now,
            startedAt: "1",
            retryCount: "1",
            error: failure,
            "error:2": failure,
          }),
        },
        b: { ...dead("b", { completedAt: now, lastUpdatedAt: now, startedAt: "1", error: failure, "error:1": failure }) },
      },
      ttl: { dead: week, "job:a": week, "job:b": week },
    },
  },
  "a snoozed job uses no attempt; without a delay it has its old place": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15, c: 9e15 }, jobs: { a: running("a"), b: running("b"), c: running("c") } },
    call: turn({
      finished: [
        { id: "a", token: "t", outcome: "snoozed", delayMs: 50 },
        { id: "b", token: "t", outcome: "snoozed", delayMs: 0 },
        { id: "c", token: "t", outcome: "snoozed" },
      ],
    }),
    reply: { ...quiet, settled: ["scheduled", "queued", "queued"], jobs: [] },
    after: {
      ready: { b: placeInLine(0), c: placeInLine(0) },
      scheduled: { a: noon + 50 },
      jobs: {
        a: queued("a", {
          status: "scheduled",
          retryDelayUntil: String(noon + 50),
          lastUpdatedAt: now,
          token: "t",
          startedAt: "1",
        }),
        b: queued("b", { lastUpdatedAt: now, token: "t", startedAt: "1" }),
        c: queued("c", { lastUpdatedAt: now, token: "t", startedAt: "1" }),
      },
    },
  },
  "a job that is put back and claimed again in one turn is told of once": {
    script: "step",
    before: { leased: { a: 9e15 }, jobs: { a: running("a") } },
    call: turn({ want: 1, finished: [{ id: "a", token: "t", outcome: "snoozed", delayMs: 0 }] }),
    reply: { ...quiet, settled: ["queued"], jobs: [expect.objectContaining({ id: "a" })] },
    replyAgain: { ...quiet, settled: ["lost"], jobs: [expect.objectContaining({ id: "a" })] },
    after: { leased: { a: noon + 30_000 }, jobs: { a: queued("a", claimed) } },
  },
  "what is due is put in line and claimed in its order": {
    script: "step",
    before: {
      ready: { b: placeInLine(5) },
      scheduled: { a: noon, c: noon + 40 },
      jobs: { a: delayed("a", noon), b: queued("b"), c: delayed("c", noon + 40) },
    },
    call: turn({ want: 1 }),
    reply: { ...quiet, settled: [], jobs: [expect.objectContaining({ id: "a" })] },
    after: {
      ready: { b: placeInLine(5) },
      scheduled: { c: noon + 40 },
      leased: { a: noon + 30_000 },
      jobs: { a: delayed("a", noon, claimed), b: queued("b"), c: delayed("c", noon + 40) },
    },
  },
  "a lapsed lease puts the job back at the front of the line": {
    script: "step",
    before: { ready: { b: placeInLine(5) }, leased: { a: noon }, jobs: { a: running("a"), b: queued("b") } },
    call: turn({ want: 1 }),
    reply: { ...quiet, settled: [], jobs: [expect.objectContaining({ id: "a", recoveryCount: 1 })] },
    after: {
      ready: { b: placeInLine(5) },
      leased: { a: noon + 30_000 },
      jobs: { a: queued("a", { ...claimed, recoveryCount: "1" }), b: queued("b") },
    },
  },
  "a lease that lapsed once too often makes a dead letter": {
    script: "step",
    before: { leased: { a: noon }, jobs: { a: running("a", { recoveryCount: "1" }) } },
    options: { maxRecoveries: 1 },
    call: turn({}),
    reply: { ...quiet, settled: [], jobs: [] },
    after: {
      dead: { a: noon },
      meta: { failed: "1" },
      jobs: {
        a: dead("a", {
          ...{ token: "", completedAt: now, lastUpdatedAt: now, recoveryCount: "2" },
          error: expect.stringMatching(/"code":"JOB_STUCK","message":"Its lease lapsed 2 times/),
        }),
      },
      ttl: { dead: week, "job:a": week },
    },
  },
  "a late holder can neither complete, nor fail, nor put back what was taken from it": {
    script: "step",
    before: { leased: { a: 9e15 }, ready: { b: 1 }, jobs: { a: running("a"), b: queued("b", { token: "" }) } },
    call: turn({
      finished: [
        { id: "a", token: "t1", outcome: "completed", result: "r" },
        { id: "a", token: "t1", outcome: "failed", error: failure, delayMs: 0 },
        { id: "a", token: "t1", outcome: "snoozed", delayMs: 0 },
        { id: "a", token: "t1", outcome: "canceled" },
        { id: "b", token: "t", outcome: "completed" },
        { id: "c", token: "t", outcome: "completed" },
      ],
    }),
    reply: { ...quiet, settled: ["lost", "lost", "lost", "lost", "lost", "gone"], jobs: [] },
  },
  "a job whose handler cancels it is kept like a completed one": {
    script: "step",
    before: { leased: { a: 9e15 }, jobs: { a: running("a") } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "canceled" }] }),
    reply: { ...quiet, settled: ["canceled"], jobs: [] },
    after: {
      done: { a: noon + hour * 1_000 },
      meta: { canceled: "1" },
      jobs: { a: running("a", { ...ended, status: "canceled" }) },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "of the errors of a job the last twenty are kept": {
    script: "step",
    before: {
      leased: { a: 9e15 },
      jobs: { a: running("a", { retryCount: "20", maxRetries: "99", "error:1": failure, "error:2": failure, error: failure }) },
    },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "failed", error: "{}", delayMs: 0 }] }),
    reply: { ...quiet, settled: ["queued"], jobs: [] },
    after: {
      ready: { a: placeInLine(0) },
      jobs: {
        a: queued("a", {
          ...{ token: "t", startedAt: "1", lastUpdatedAt: now, retryCount: "21", maxRetries: "99" },
          ...{ error: "{}", "error:2": failure, "error:21": "{}" },
        }),
      },
    },
  },
  "the oldest beyond what is kept are dropped, to the last one": {
    script: "step",
    before: {
      leased: { a: 9e15 },
      done: { b: noon + 1, c: noon + 2, d: noon - 1 },
      dead: { e: noon - 2, f: noon - 1 },
      jobs: { a: running("a"), b: queued("b"), c: queued("c"), d: queued("d"), e: dead("e"), f: dead("f") },
    },
    options: { keepCompleted: { age: "1h", count: 2 }, keepFailed: { age: "1h", count: 1 } },
    call: turn({ finished: [{ id: "a", token: "t", outcome: "completed" }] }),
    reply: { ...quiet, settled: ["completed"], jobs: [] },
    after: {
      done: { c: noon + 2, a: noon + hour * 1_000 },
      dead: { f: noon - 1 },
      meta: { completed: "1" },
      jobs: { a: running("a", ended), c: queued("c"), f: dead("f") },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "a worker that has nothing to do is noted, with when to look again": {
    script: "step",
    before: {
      scheduled: { a: noon + 40 },
      leased: { b: noon + 50 },
      idle: { w1: noon - 90_000, w3: noon - 1 },
      jobs: { a: delayed("a", noon + 40), b: running("b") },
    },
    call: turn({ want: 1 }),
    reply: { settled: [], jobs: [], nextInMs: 40, idle: 2, leaseEndsAt: noon + 30_000 },
    after: {
      scheduled: { a: noon + 40 },
      leased: { b: noon + 50 },
      idle: { w3: noon - 1, w2: noon },
      jobs: { a: delayed("a", noon + 40), b: running("b") },
      ttl: { idle: 90 },
    },
  },
  "a worker that is idle no more is struck off": {
    script: "step",
    before: { ready: { a: 1 }, idle: { w2: noon, w3: noon }, jobs: { a: queued("a") } },
    call: turn({ want: 1, listed: true }),
    reply: { ...quiet, settled: [], jobs: [expect.objectContaining({ id: "a" })] },
    after: { leased: { a: noon + 30_000 }, idle: { w3: noon }, jobs: { a: queued("a", claimed) } },
  },
  "a paused queue hands out nothing, and settles what runs": {
    script: "step",
    before: { ready: { a: 1 }, leased: { b: 9e15 }, meta: { paused: "1" }, jobs: { a: queued("a"), b: running("b") } },
    call: turn({ want: 1, finished: [{ id: "b", token: "t", outcome: "completed" }] }),
    reply: { ...quiet, settled: ["completed"], jobs: [], idle: 1 },
    after: {
      ready: { a: 1 },
      done: { b: noon + hour * 1_000 },
      idle: { w2: noon },
      meta: { paused: "1", completed: "1" },
      jobs: { a: queued("a"), b: running("b", ended) },
      ttl: { done: hour, "job:b": hour, idle: 90 },
    },
  },
});
