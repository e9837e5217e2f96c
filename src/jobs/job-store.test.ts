import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, stateOf, storeAt } from "../../test/support/job-queue.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { type Claim, JobStore, type JobStoreOptions, type NewJob } from "./index.ts";

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

const clock = { now: noon };

async function storeWith(jobs: readonly NewJob[], options: JobStoreOptions = {}): Promise<JobStore> {
  clock.now = noon;
  const store = storeAt(redis, clock, options);
  await store.createMany(jobs);
  return store;
}

async function take(store: JobStore): Promise<Claim> {
  const claim = await store.claimNext({ worker: "w" });
  if (claim === undefined) throw new Error("There is no job to take.");
  return claim;
}

const held = ({ job, token }: Claim): { readonly id: string; readonly token: string } => ({ id: job.id, token });

/** Claims until nothing is left. */
async function drain(store: JobStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let turn = 1; ; turn++) {
    const request = { worker: "w", token: `t${turn}`, finished: [], want: 1_000, leaseMs: 1_000, resume: false, listed: false };
    const { jobs } = await store.step(request);
    if (jobs.length === 0) return ids;
    ids.push(...jobs.map(({ id }) => id));
  }
}

test("three thousand jobs of one millisecond are handed out in the order in which they came, whatever their ids", async () => {
  const store = await storeWith([]);
  const ids = Array.from({ length: 3_000 }, (_, index) => `${(index * 7_919) % 3_000}-custom`);
  for (let from = 0; from < ids.length; from += 500) {
    await store.createMany(ids.slice(from, from + 500).map((id) => ({ id, name: "n" })));
  }
  expect(await drain(store)).toEqual(ids);
});

test("smaller priorities go first, and among equals who came first", async () => {
  const jobs = [5, 0, -1024, 1023, 0, -1, 5].map((priority, index) => ({ id: `${index}:${priority}`, name: "n", priority }));
  const store = await storeWith(jobs);
  expect(await drain(store)).toEqual(["2:-1024", "5:-1", "1:0", "4:0", "0:5", "6:5", "3:1023"]);
});

test("delayed jobs are handed out when they are due and not before, in the order of their places", async () => {
  const store = await storeWith([
    { id: "later", name: "n", delay: 100 },
    { id: "sooner", name: "n", delay: 50 },
    { id: "at", name: "n", runAt: new Date(noon + 100) },
  ]);
  expect(await drain(store)).toEqual([]);
  clock.now = noon + 50;
  expect(await drain(store)).toEqual(["sooner"]);
  clock.now = noon + 100;
  expect(await drain(store)).toEqual(["later", "at"]);
});

describe("a job whose attempts fail", () => {
  test("is tried again after the backoff until its retries are used, then is a dead letter with the story of each", async () => {
    const backoff = { base: 100, factor: 2, max: 250, jitter: "none" } as const;
    const store = await storeWith([{ id: "a", name: "n", maxRetries: 3 }], { backoff });
    for (const [index, wait] of [100, 200, 250].entries()) {
      const claim = await take(store);
      expect(claim.job.retryCount).toBe(index);
      expect(await store.fail({ ...held(claim), retryCount: index }, new RangeError(`no ${index + 1}`))).toBe("scheduled");
      expect(await store.claim("a", { worker: "w" })).toEqual({ claimed: false, reason: "not-due", dueInMs: wait });
      clock.now += wait;
    }
    expect(await store.fail(held(await take(store)), new Error("no 4"))).toBe("failed");
    const job = await store.get("a");
    expect(job).toMatchObject({ status: "failed", retryCount: 3, completedAt: clock.now, error: { message: "no 4" } });
    expect(job?.errors.map(({ attempt, message }) => [attempt, message])).toEqual([
      [1, "no 1"],
      [2, "no 2"],
      [3, "no 3"],
      [4, "no 4"],
    ]);
    expect(await store.list("dead")).toMatchObject({ total: 1, jobs: [{ id: "a" }] });
  });

  test("keeps its last error and its story after a retry that succeeded", async () => {
    const store = await storeWith([{ id: "a", name: "n" }]);
    await store.fail(held(await take(store)), new Error("no"), 0);
    expect(await store.complete(held(await take(store)), "r")).toBe("completed");
    expect(await store.get("a")).toMatchObject({ status: "completed", retryCount: 1, errors: [{ message: "no", attempt: 1 }] });
  });

  test("keeps what is worth keeping of an error, and cuts what is too long", async () => {
    const store = await storeWith([{ id: "a", name: "n" }]);
    const error = Object.assign(new TypeError("x".repeat(5_000)), { code: "E_CODE", secret: "s" });
    await store.fail(held(await take(store)), error, "never");
    const kept = (await store.get("a"))?.error;
    expect(kept).toMatchObject({ name: "TypeError", code: "E_CODE", attempt: 1 });
    expect([kept?.message.length, (kept?.stack?.length ?? 0) <= 4_000]).toEqual([1_000, true]);
    expect(Object.keys(kept ?? {})).not.toContain("secret");
  });
});

describe("a token", () => {
  test("is worth nothing once the job was handed on", async () => {
    const store = await storeWith([{ id: "a", name: "n" }]);
    const late = await take(store);
    clock.now += 30_001;
    const next = await take(store);
    expect(next.job).toMatchObject({ id: "a", recoveryCount: 1 });
    expect(await store.complete(held(late), "late")).toBe("lost");
    expect(await store.fail(held(late), new Error("late"))).toBe("lost");
    expect(await store.snooze(held(late), "1h")).toBe("lost");
    expect(await store.extend([{ ...held(late), progress: 1 }])).toEqual(["a"]);
    expect(await store.complete(held(next), "in time")).toBe("completed");
    expect(await store.complete(held(late), "late")).toBe("lost");
    expect(new TextDecoder().decode((await store.get("a"))?.result as Uint8Array)).toBe("in time");
  });

  test("still counts after its lease lapsed, as long as nobody took the job", async () => {
    const store = await storeWith([{ id: "a", name: "n" }]);
    const claim = await take(store);
    clock.now += 60_000;
    expect(await store.extend([held(claim)], "30s")).toEqual([]);
    expect(await store.recoverStuck()).toMatchObject({ recovered: 0 });
    expect(await store.complete(held(claim))).toBe("completed");
  });

  test("may tell the end of its job twice, and of a forgotten job hears that it is gone", async () => {
    const store = await storeWith([{ id: "a", name: "n" }]);
    const claim = await take(store);
    expect([await store.complete(held(claim), "1"), await store.complete(held(claim), "2")]).toEqual(["completed", "completed"]);
    expect(new TextDecoder().decode((await store.get("a"))?.result as Uint8Array)).toBe("1");
    expect(await store.stats()).toMatchObject({ completed: 1, inProgress: 0 });
    await store.remove("a");
    expect(await store.complete(held(claim))).toBe("gone");
  });
});

test("a job that lapses again and again is put back so often, then is dead: the counter of retries is another", async () => {
  const store = await storeWith([{ id: "a", name: "n", maxRetries: 5 }], { maxRecoveries: 2 });
  const outcomes = [];
  for (let lapse = 1; lapse <= 3; lapse++) {
    await take(store);
    clock.now += 30_000;
    outcomes.push(await store.recoverStuck());
  }
  expect(outcomes.map(({ recovered, dead }) => [recovered, dead])).toEqual([
    [1, 0],
    [1, 0],
    [0, 1],
  ]);
  expect(await store.get("a")).toMatchObject({ status: "failed", retryCount: 0, recoveryCount: 3, error: { code: "JOB_STUCK" } });
});

test("who waits for a job hears of it when its lease lapsed too often", async () => {
  const store = await storeWith([{ id: "a", name: "n" }], { maxRecoveries: 0 });
  expect(await store.watch("a")).toBe("queued");
  const heard: string[] = [];
  const end = await redis.subscribe(`${store.keys.job}a`, { message: (text) => heard.push(text) });
  await take(store);
  clock.now += 30_000;
  expect(await store.recoverStuck()).toMatchObject({ recovered: 0, dead: 1 });
  await expect.poll(() => heard).toEqual(["failed"]);
  await end();
});

test("what a lost reply had handed out is found behind thousands of leases that end later", async () => {
  const store = await storeWith([
    { id: "a", name: "n" },
    { id: "b", name: "n" },
  ]);
  const turn = { worker: "w", token: "t", finished: [], want: 2, leaseMs: 30_000, listed: false };
  await store.step({ ...turn, resume: false });
  const others = Array.from({ length: 4_000 }, (_, place) => [String(noon + 60_000), `other-${place}`]);
  await redis.send(["ZADD", store.keys.leased, ...others.flat()], { resend: "never" });
  expect((await store.step({ ...turn, resume: true })).jobs).toMatchObject([{ id: "a" }, { id: "b" }]);
});

test("a job that is not there cannot be canceled, and says so", async () => {
  const store = await storeWith([]);
  expect(await store.cancel("nobody")).toEqual({ canceled: false, status: "unknown" });
  expect(await stateOf(store)).toEqual(await stateOf(await storeWith([])));
});

test("stuck jobs are taken back a bounded number at a time, and the answer says whether more are left", async () => {
  const store = await storeWith(Array.from({ length: 4 }, (_, index) => ({ id: `${index}`, name: "n" })));
  await drain(store);
  clock.now += 1_000;
  expect(await store.recoverStuck({ limit: 3 })).toEqual({ recovered: 3, dead: 0, more: true });
  expect(await store.recoverStuck({ limit: 3 })).toEqual({ recovered: 1, dead: 0, more: false });
  expect(await drain(store)).toEqual(["0", "1", "2", "3"]);
});

describe("what has ended", () => {
  test("is kept up to its number, exactly, also when a turn ends more than a sweep drops", async () => {
    const jobs = Array.from({ length: 1_000 }, (_, index) => ({ id: `${index}`, name: "n" }));
    const store = await storeWith(jobs, { keepCompleted: { age: "1h", count: 10 } });
    const request = { worker: "w", token: "t", want: 1_000, leaseMs: 1_000, resume: false, listed: false };
    const { jobs: claimed } = await store.step({ ...request, finished: [] });
    for (let from = 0; from < 1_000; from += 250) {
      const finished = claimed.slice(from, from + 250).map(({ id }) => ({ id, token: "t", outcome: "completed" as const }));
      await store.step({ ...request, want: 0, finished });
    }
    const state = await stateOf(store);
    expect([Object.keys(state.done ?? {}).length, Object.keys(state.jobs ?? {}).length]).toEqual([10, 10]);
    expect(await store.stats()).toMatchObject({ completed: 1_000 });
  });

  test("of which nothing is to be kept is gone at once", async () => {
    const none = { age: "1h", count: 0 } as const;
    const store = await storeWith(
      [
        { id: "a", name: "n" },
        { id: "b", name: "n", maxRetries: 0 },
      ],
      { keepCompleted: none, keepFailed: none },
    );
    await store.complete(held(await take(store)));
    await store.fail(held(await take(store)), new Error("no"));
    expect(await stateOf(store)).toEqual({ meta: { order: "2", completed: "1", failed: "1" } });
  });

  test("is dropped when its time is up, whoever looks next", async () => {
    const store = await storeWith([{ id: "a", name: "n" }], { keepCompleted: { age: "10s" } });
    await store.complete(held(await take(store)));
    clock.now += 9_999;
    expect(await drain(store)).toEqual([]);
    expect((await store.list("done")).total).toBe(1);
    clock.now += 1;
    expect(await drain(store)).toEqual([]);
    expect((await stateOf(store)).done).toBeUndefined();
    expect(await store.get("a")).toBeUndefined();
  });

  test("expires by itself on a server that nobody asks", async () => {
    const age = { age: "1s" } as const;
    const store = new JobStore(redis, `expires-${process.pid}`, { keepCompleted: age, keepFailed: age });
    await store.createMany(["a", "b", "c"].map((id) => ({ id, name: "n" })));
    await store.complete(held(await take(store)));
    await store.fail(held(await take(store)), new Error("no"), "never");
    await store.cancel("c");
    await expect.poll(() => stateOf(store), { timeout: 3_000, interval: 50 }).toEqual({ meta: expect.anything() });
  });
});

test("the counters count what ended, and a replay takes back what died", async () => {
  const store = await storeWith(["a", "b", "c", "d"].map((id) => ({ id, name: "n", maxRetries: 0 })));
  await store.complete(held(await take(store)));
  for (let dying = 0; dying < 2; dying++) await store.fail(held(await take(store)), new Error("no"));
  await store.cancel("d");
  const counted = { queued: 0, scheduled: 0, inProgress: 0, completed: 1, failed: 2, canceled: 1, dead: 2, paused: false };
  expect(await store.stats()).toEqual(counted);
  await store.replay({ ids: ["b"] });
  expect(await store.stats()).toEqual({ ...counted, queued: 1, failed: 1, dead: 1 });
});

test("a replayed job has all its retries, and stays although its dead letter would have expired", async () => {
  const store = await storeWith([
    { id: "a", name: "n", maxRetries: 1, priority: 3 },
    { id: "b", name: "n", priority: 3 },
  ]);
  for (const _ of [1, 2]) await store.fail(held(await take(store)), new Error("no"), 0);
  expect(await store.list("dead")).toMatchObject({ total: 1 });
  await store.replay({ limit: 10 });
  expect(await stateOf(store)).not.toHaveProperty("ttl");
  expect(await store.get("a")).toMatchObject({ status: "queued", retryCount: 0, completedAt: undefined });
  // A new story begins, and what it died of stays.
  expect(await store.get("a")).toMatchObject({ errors: [], error: { message: "no" } });
  expect(await drain(store)).toEqual(["b", "a"]);
});

test("whoever adds a job hears that it was made, also if only the second try was answered; a taken id is told", async () => {
  const proxy = await startFaultProxy({ target: server.url });
  const port = await connect(proxy.url);
  try {
    const store = storeAt(port, clock);
    await store.create({ id: "taken", name: "n" });
    const dropped = proxy.dropNextReply({ of: "EVALSHA" });
    const added = store.createMany([{ name: "n" }, { id: "taken", name: "n" }, { name: "n" }]);
    await dropped;
    expect((await added).map(({ created }) => created)).toEqual([true, false, true]);
    expect((await store.stats()).queued).toBe(3);
  } finally {
    await port.close();
    await proxy.close();
  }
});

test("of jobs of one id that are added in one call the first is made, and the others are told that it is there", async () => {
  const store = await storeWith([]);
  const added = await store.createMany(["first", "second", "third"].map((name) => ({ id: "a", name })));
  expect(added.map(({ created }) => created)).toEqual([true, false, false]);
  expect((await store.list("ready")).jobs.map(({ name }) => name)).toEqual(["first"]);
});

test("a page of jobs is read from either end, without payloads unless asked for", async () => {
  const store = await storeWith(
    Array.from({ length: 7 }, (_, index) => ({ id: `${index}`, name: "n", payload: "p", trace: "t" })),
  );
  const ids = async (options: Parameters<JobStore["list"]>[1]): Promise<readonly string[]> =>
    (await store.list("ready", options)).jobs.map(({ id }) => id);
  expect(await ids({})).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  expect(await ids({ offset: 2, limit: 3 })).toEqual(["2", "3", "4"]);
  expect(await ids({ newest: true, limit: 2 })).toEqual(["6", "5"]);
  expect(await ids({ offset: 7 })).toEqual([]);
  expect((await store.list("ready", { limit: 1 })).jobs[0]).toMatchObject({ payload: undefined, trace: "t" });
  expect((await store.list("ready", { limit: 1, full: true })).jobs[0]?.payload).toEqual(Buffer.from("p"));
});

test("a store that is asked for jobs by hand is never woken in the place of a worker that listens", async () => {
  const store = await storeWith([]);
  expect(await store.claimNext({ worker: "by hand" })).toBeUndefined();
  expect((await stateOf(store)).idle).toBeUndefined();
});

test("a paused queue hands nothing out until it goes on", async () => {
  const store = await storeWith([{ id: "a", name: "n" }]);
  await store.pause(true);
  expect(await store.claimNext({ worker: "w" })).toBeUndefined();
  expect(await store.stats()).toMatchObject({ paused: true, queued: 1 });
  await store.pause(false);
  expect((await take(store)).job.id).toBe("a");
});

test("all keys carry the connection's prefix, and none is without it", async () => {
  const prefixed = await connect(server.url, { prefix: "shop" });
  try {
    const store = new JobStore(prefixed, "prefixed");
    await store.createMany([
      { id: "a", name: "n" },
      { id: "b", name: "n", delay: "1h" },
    ]);
    await store.complete(held(await take(store)));
    const keys = (await redis.send(["KEYS", "*jobs:{prefixed}*"], { resend: "ok" })) as string[];
    expect(keys.sort()).toEqual(["done", "job:a", "job:b", "meta", "scheduled"].map((key) => `shop:jobs:{prefixed}:${key}`));
  } finally {
    await prefixed.close();
  }
});

test("ids, names and queues are used up to their limits, with anything in them that is not a space", async () => {
  const queue = `ü:${"q".repeat(98)}`;
  const store = new JobStore(redis, queue, { now: () => noon });
  const ids = ["x".repeat(200), "jobs:{other}:ready", "a\u0000b", "ключ", "…".repeat(200), "cancel", "__proto__", "*"];
  const name = "ñ ".repeat(100);
  await store.createMany(ids.map((id) => ({ id, name })));
  for (const id of ids) expect(await store.get(id)).toMatchObject({ id, name, status: "queued" });
  expect(await drain(store)).toEqual(ids);
});

test("a job is what it was when it is read, claimed and listed: every field that its producer gave", async () => {
  const given = {
    ...{ id: "a", name: "n", priority: 2, maxRetries: 7, timeoutMs: 0, trace: "00-1-2-03" },
    headers: { accept: ["text/plain", "*/*"] },
    routeParams: { id: "7" },
    queryParams: { q: ["a", "b"] },
  };
  const payload = Buffer.from([0, 255, 0, 13, 10]);
  const store = await storeWith([{ ...given, payload }]);
  expect(await store.get("a")).toMatchObject({ ...given, payload, createdAt: noon });
  expect((await take(store)).job).toMatchObject({ ...given, payload, status: "in-progress", workerId: "w", startedAt: noon });
});
