import { channel } from "node:diagnostics_channel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, type QueueState, seed, stateOf, storeAt } from "../../test/support/job-queue.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import type { JobStore, JobStoreOptions, StepRequest } from "./index.ts";
import * as scripts from "./scripts.gen.ts";

/** One transition, played twice: once undisturbed, and once with its reply lost and the call made again. */
interface Transition {
  /** The script that makes it. */
  readonly script: keyof typeof scripts;
  readonly before: QueueState;
  readonly call: (store: JobStore, again: boolean) => Promise<unknown>;
  readonly reply: unknown;
  /** The whole state after it. @default as before */
  readonly after?: QueueState;
  /** What the call answers that was made again, if it is not the same. */
  readonly replyAgain?: unknown;
  readonly options?: JobStoreOptions;
}

let server: RedisServer;
let proxy: FaultProxy;
let redis: RedisPort;
let proxied: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
  [redis, proxied] = await Promise.all([connect(server.url), connect(proxy.url)]);
});
afterAll(async () => {
  await Promise.all([redis.close(), proxied.close(), proxy.close()]);
  await server.stop();
});

const hour = 3_600;
const week = 7 * 24 * hour;
const stamps = { createdAt: "1", lastUpdatedAt: "1" };
const at = (priority = 0): string => String(placeInLine(0, priority));
const now = String(noon);
/** A job in line; `more` fields win. */
const queued = (id: string, more: object = {}): Record<string, unknown> => ({ id, name: "n", status: "queued", ...stamps, order: at(), maxRetries: "1", ...more });
const running = (id: string, more: object = {}): Record<string, unknown> =>
  queued(id, { status: "in-progress", workerId: "w", token: "t", startedAt: "1", ...more });
const dead = (id: string, more: object = {}): Record<string, unknown> =>
  queued(id, { status: "failed", token: "t", completedAt: "5", ...more });
const ended = { status: "completed", completedAt: now, lastUpdatedAt: now };
const failure = JSON.stringify({ name: "E", message: "no", attempt: 1, at: 5 });
const turn = (request: Partial<StepRequest>): StepRequest => ({
  ...{ worker: "w2", token: "t2", finished: [], want: 0, leaseMs: 30_000, resume: false, listed: false },
  ...request,
});
const step =
  (request: Partial<StepRequest>): Transition["call"] =>
  (store, again) =>
    store.step(turn({ ...request, resume: again }));
const claimed = { status: "in-progress", workerId: "w2", token: "t2", startedAt: now, lastUpdatedAt: now };
const claimReply = { job: expect.objectContaining({ id: "a", status: "in-progress", workerId: "w2" }), leaseEndsAt: noon + 30_000 };
const quiet = { nextInMs: undefined, idle: 0, nowMs: noon };

const transitions: Readonly<Record<string, Transition>> = {
  "a job is added to the end of the line": {
    script: "add",
    before: {},
    call: (store) => store.createMany([{ id: "a", name: "n", payload: "p", maxRetries: 0 }, { id: "b", name: "n", priority: -1 }]),
    reply: [{ id: "a", created: true }, { id: "b", created: true }],
    replyAgain: [{ id: "a", created: false }, { id: "b", created: false }],
    after: {
      ready: { b: expect.any(Number), a: expect.any(Number) },
      meta: { order: expect.any(String) },
      jobs: {
        a: { id: "a", name: "n", payload: "p", status: "queued", createdAt: now, lastUpdatedAt: now, order: expect.any(String) },
        b: expect.objectContaining({ priority: "-1", more: "1", maxRetries: "3" }),
      },
    },
  },
  "a delayed job is scheduled": {
    script: "add",
    before: {},
    call: (store) => store.createMany([{ id: "a", name: "n", delay: "1s" }, { id: "b", name: "n", runAt: noon + 7 }]),
    reply: [{ id: "a", created: true }, { id: "b", created: true }],
    replyAgain: [{ id: "a", created: false }, { id: "b", created: false }],
    after: {
      scheduled: { b: noon + 7, a: noon + 1_000 },
      meta: { order: expect.any(String) },
      jobs: {
        a: expect.objectContaining({ status: "scheduled", retryDelayUntil: String(noon + 1_000) }),
        b: expect.objectContaining({ status: "scheduled", retryDelayUntil: String(noon + 7) }),
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
    reply: { claimed: true, token: expect.stringMatching(/^w2:/), ...claimReply },
    after: { leased: { a: noon + 30_000 }, jobs: { a: queued("a", { ...claimed, token: expect.stringMatching(/^w2:/) }) } },
  },
  "a scheduled job that is due is claimed by its id": {
    script: "claim",
    before: { scheduled: { a: noon }, jobs: { a: queued("a", { status: "scheduled", retryDelayUntil: now }) } },
    call: (store) => store.claim("a", { worker: "w2" }),
    reply: { claimed: true, token: expect.any(String), ...claimReply },
    after: {
      leased: { a: noon + 30_000 },
      jobs: { a: queued("a", { ...claimed, token: expect.any(String), retryDelayUntil: now }) },
    },
  },
  "a job that is not due is not claimed": {
    script: "claim",
    before: { scheduled: { a: noon + 9 }, jobs: { a: queued("a", { status: "scheduled", retryDelayUntil: noon + 9 }) } },
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
      store.extend([{ id: "a", token: "t", progress: { done: 1 } }, { id: "b", token: "x" }, { id: "c", token: "t" }, { id: "d", token: "t" }]),
    reply: ["b", "d"],
    after: {
      leased: { b: noon, a: noon + 30_000, c: noon + 90_000 },
      jobs: { a: running("a", { progress: '{"done":1}', lastUpdatedAt: now }), b: running("b"), c: running("c") },
    },
  },
  "the next jobs are claimed in order": {
    script: "step",
    before: { ready: { a: 1, b: 2, c: 3 }, jobs: { a: queued("a"), b: queued("b"), c: queued("c", { progress: "1", more: "1" }) } },
    call: step({ want: 2 }),
    reply: { ...quiet, settled: [], jobs: [expect.objectContaining({ id: "a" }), expect.objectContaining({ id: "b" })] },
    after: {
      ready: { c: 3 },
      leased: { a: noon + 30_000, b: noon + 30_000 },
      jobs: { a: queued("a", claimed), b: queued("b", claimed), c: queued("c", { progress: "1", more: "1" }) },
    },
  },
  "a completed job is kept for as long as its queue says, with its result": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15 }, jobs: { a: running("a"), b: running("b") } },
    call: step({ finished: [{ id: "a", token: "t", outcome: "completed", result: "r" }, { id: "b", token: "x", outcome: "completed" }] }),
    reply: { ...quiet, settled: ["completed", "lost"], jobs: [] },
    after: {
      leased: { b: 9e15 },
      done: { a: noon + hour * 1_000 },
      meta: { completed: "1" },
      jobs: { a: running("a", { ...ended, result: "r" }), b: running("b") },
      ttl: { done: hour, "job:a": hour },
    },
  },
  "a failed job with retries left is scheduled again, with its error": {
    script: "step",
    before: { leased: { a: 9e15 }, jobs: { a: running("a") } },
    call: step({ finished: [{ id: "a", token: "t", outcome: "failed", error: failure, delayMs: 50 }] }),
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
    call: step({
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
        a: { ...dead("a", { completedAt: now, lastUpdatedAt: now, startedAt: "1", retryCount: "1", error: failure, "error:2": failure }) },
        b: { ...dead("b", { completedAt: now, lastUpdatedAt: now, startedAt: "1", error: failure, "error:1": failure }) },
      },
      ttl: { dead: week, "job:a": week, "job:b": week },
    },
  },
  "a snoozed job uses no attempt; without a delay it has its old place": {
    script: "step",
    before: { leased: { a: 9e15, b: 9e15 }, jobs: { a: running("a"), b: running("b") } },
    call: step({
      finished: [
        { id: "a", token: "t", outcome: "snoozed", delayMs: 50 },
        { id: "b", token: "t", outcome: "snoozed", delayMs: 0 },
      ],
    }),
    reply: { ...quiet, settled: ["scheduled", "queued"], jobs: [] },
    after: {
      ready: { b: placeInLine(0) },
      scheduled: { a: noon + 50 },
      jobs: {
        a: queued("a", { status: "scheduled", retryDelayUntil: String(noon + 50), lastUpdatedAt: now, token: "t", startedAt: "1" }),
        b: queued("b", { lastUpdatedAt: now, token: "t", startedAt: "1" }),
      },
    },
  },
  "a job that is put back and claimed again in one turn is told of once": {
    script: "step",
    before: { leased: { a: 9e15 }, jobs: { a: running("a") } },
    call: step({ want: 1, finished: [{ id: "a", token: "t", outcome: "snoozed", delayMs: 0 }] }),
    reply: { ...quiet, settled: ["queued"], jobs: [expect.objectContaining({ id: "a" })] },
    replyAgain: { ...quiet, settled: ["lost"], jobs: [expect.objectContaining({ id: "a" })] },
    after: { leased: { a: noon + 30_000 }, jobs: { a: queued("a", claimed) } },
  },
};

describe.each(Object.entries(transitions))("%s", (_, { script, before, call, reply, after, replyAgain, options }) => {
  test("and nothing else", async () => {
    const ran = await scriptsOf(async () => {
      const store = storeAt(redis, undefined, options);
      await seed(store, before);
      expect(await call(store, false)).toEqual(reply);
      expect(await stateOf(store)).toEqual(after ?? before);
    });
    expect(ran).toEqual([`jobs.${script}`]);
  });

  test.runIf(scripts[script].schema.writes !== "none")("once, although its reply is lost", async () => {
    const store = storeAt(proxied, undefined, options);
    await seed(store, before);
    const dropped = proxy.dropNextReply({ of: "EVALSHA" });
    // An idempotent script is sent again by the client; any other fails, and is called again as its caller would.
    const answer = await call(store, false).catch((error: { readonly applied?: string }) => {
      expect([scripts[script].schema.writes, error.applied]).toEqual(["once", "maybe"]);
      return call(store, true);
    });
    await dropped;
    expect(answer).toEqual(replyAgain ?? reply);
    expect(await stateOf(store)).toEqual(after ?? before);
  });
});

test("every script has such a test", () => {
  const played = new Set(Object.values(transitions).map(({ script }) => script));
  expect(Object.keys(scripts).filter((name) => !played.has(name as keyof typeof scripts))).toEqual([]);
});

/** The names of the scripts that run meanwhile. */
async function scriptsOf(work: () => Promise<void>): Promise<readonly string[]> {
  const names = new Set<string>();
  const hear = (event: unknown): void => void names.add((event as { readonly script: string }).script);
  const runs = channel("redlua:script:run");
  runs.subscribe(hear);
  try {
    await work();
  } finally {
    runs.unsubscribe(hear);
  }
  return [...names];
}
