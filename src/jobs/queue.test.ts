import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stateOf } from "../../test/support/job-queue.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { bytes, type JobTypes, Queue, type QueueOptions } from "./index.ts";

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

const queueOf = <Types extends JobTypes = JobTypes>(options: QueueOptions = {}, over: RedisPort = redis): Queue<Types> =>
  new Queue<Types>(over, `q-${randomUUID()}`, options);

/** How often a command was sent, the commands of scripts excepted. */
async function evalshas(work: () => Promise<unknown>): Promise<number> {
  await redis.send(["CONFIG", "RESETSTAT"], { resend: "ok" });
  await work();
  const stats = (await redis.send(["INFO", "commandstats"], { resend: "ok" })) as string;
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

async function take(queue: Queue): Promise<{ readonly id: string; readonly token: string }> {
  const claim = await queue.store.claimNext({ worker: "w" });
  if (claim === undefined) throw new Error("There is no job to take.");
  return { id: claim.job.id, token: claim.token };
}

/** Resolves when so many callers listen for the end of a job. */
async function watched(queue: Queue, ...ids: readonly string[]): Promise<void> {
  const channels = ids.map((id) => queue.store.keys.job + id);
  const listening = async (): Promise<number> => {
    const counts = (await redis.send(["PUBSUB", "NUMSUB", ...channels], { resend: "ok" })) as number[];
    return counts.filter((each, index) => index % 2 === 1 && each > 0).length;
  };
  await expect.poll(listening, { interval: 5 }).toBe(ids.length);
}

describe("adding", () => {
  test("a hundred jobs at once takes a few round trips, and one job takes one", async () => {
    const queue = queueOf();
    const addHundred = (): Promise<unknown> => Promise.all(Array.from({ length: 100 }, (_, n) => queue.add("n", n)));
    await queue.add("n", 0).then(addHundred); // Now Redis knows both scripts.
    expect(await evalshas(() => queue.add("n", 1))).toBe(1);
    expect(await evalshas(addHundred)).toBeLessThanOrEqual(2);
    expect(await queue.stats()).toMatchObject({ queued: 202 });
  });

  test("many keeps their order, over as many calls as it takes", async () => {
    const queue = queueOf<{ n: number }>();
    const numbers = Array.from({ length: 1_200 }, (_, index) => index);
    const created = await queue.addMany(numbers.map((payload) => ({ name: "n", payload })));
    expect(new Set(created.map(({ id }) => id)).size).toBe(1_200);
    const listed = [
      ...(await queue.list("queued", { limit: 1_000 })).jobs,
      ...(await queue.list("queued", { offset: 1_000 })).jobs,
    ];
    expect(listed.map(({ id }) => id)).toEqual(created.slice(0, 1_050).map(({ id }) => id));
  });

  test("one id many times makes one job, and says which call made it", async () => {
    const queue = queueOf();
    const adds = await Promise.all(Array.from({ length: 50 }, (_, index) => queue.add("n", index, { id: "a" })));
    expect(adds.filter(({ created }) => created)).toEqual([{ id: "a", created: true }]);
    expect(adds[0]).toEqual({ id: "a", created: true });
    expect(await queue.get("a")).toMatchObject({ payload: 0 });
    expect(await queue.stats()).toMatchObject({ queued: 1 });
  });

  test("an id is free again when its job was removed or has expired", async () => {
    const queue = queueOf({ keepCompleted: { age: "1h", count: 0 } });
    await queue.add("n", 1, { id: "a" });
    await queue.remove("a");
    expect(await queue.add("n", 2, { id: "a" })).toEqual({ id: "a", created: true });
    await queue.store.complete(await take(queue));
    expect(await queue.add("n", 3, { id: "a" })).toEqual({ id: "a", created: true });
  });

  test("a job that is too large harms none of those that are added with it", async () => {
    const queue = queueOf({ maxBytes: 1_000 });
    const [before, large, after] = await Promise.allSettled([
      queue.add("n", 1),
      queue.add("n", "x".repeat(1_000)),
      queue.add("n", 2),
    ]);
    expect(large).toMatchObject({ reason: { code: "JOB_TOO_LARGE", field: "payload", size: 1_002, limit: 1_000 } });
    expect([before?.status, after?.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(await queue.stats()).toMatchObject({ queued: 2 });
  });

  test("payloads are what they were: of JSON, of any bytes, and none at all", async () => {
    const json = queueOf();
    for (const payload of [{ a: [1, null, "ü"] }, null, 0, "", false, undefined]) {
      const { id } = await json.add("n", payload);
      expect((await json.get(id))?.payload).toEqual(payload);
    }
    const raw = queueOf({ codec: bytes });
    const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    const { id } = await raw.add("n", all);
    expect((await raw.get(id))?.payload).toEqual(all);
  });
});

test("a queue is paused for everybody, and goes on", async () => {
  const queue = queueOf();
  await queue.add("n", 1);
  await queue.pause();
  expect(await queue.stats()).toMatchObject({ paused: true, queued: 1 });
  await queue.resume();
  expect(await queue.stats()).toMatchObject({ paused: false });
});

describe("a job that has not begun", () => {
  test("can be changed, in what was asked and in nothing else", async () => {
    const queue = queueOf();
    await queue.add("n", { to: "a" }, { id: "a", priority: 5, trace: "t", maxRetries: 2 });
    expect(await queue.update("a", { payload: { to: "b" }, priority: 0, maxRetries: 0 })).toEqual({
      updated: true,
      status: "queued",
    });
    expect(await queue.get("a")).toMatchObject({
      payload: { to: "b" },
      priority: 0,
      maxRetries: 0,
      trace: "t",
      status: "queued",
    });
    expect(await queue.update("a", { delay: "1h" })).toEqual({ updated: true, status: "scheduled" });
    expect(await queue.stats()).toMatchObject({ queued: 0, scheduled: 1 });
    expect(await queue.update("b", { delay: 0 })).toEqual({ updated: false, status: "unknown" });
  });

  test("can be canceled and removed; one that runs can be canceled only", async () => {
    const queue = queueOf();
    await queue.addMany(["a", "b", "c"].map((id) => ({ name: "n", payload: 1, options: { id } })));
    const held = await take(queue);
    expect(await queue.remove("a")).toEqual({ removed: false, status: "in-progress" });
    expect(await queue.cancel("a")).toEqual({ canceled: true, status: "canceled" });
    expect(await queue.store.complete(held)).toBe("lost");
    expect(await queue.cancel("b")).toEqual({ canceled: true, status: "canceled" });
    expect(await queue.remove("c")).toEqual({ removed: true, status: "queued" });
    expect(await queue.cancel("a")).toEqual({ canceled: false, status: "canceled" });
    expect((await queue.list("ended")).jobs.map(({ id }) => id).sort()).toEqual(["a", "b"]);
  });
});

describe("replaying", () => {
  async function withDead(count: number): Promise<Queue> {
    const queue = queueOf();
    const ids = Array.from({ length: count }, (_, index) => `${index}`);
    await queue.addMany(ids.map((id) => ({ name: "n", payload: { id }, options: { id } })));
    const turn = { worker: "w", token: "t", leaseMs: 30_000, resume: false, listed: false };
    for (let left = count; left > 0; left -= 1_000) {
      const { jobs } = await queue.store.step({ ...turn, finished: [], want: Math.min(left, 1_000) });
      const finished = jobs.map(({ id }) => ({
        id,
        token: "t",
        outcome: "failed" as const,
        error: '{"name":"E","message":"no","at":1}',
      }));
      await queue.store.step({ ...turn, want: 0, finished });
    }
    return queue;
  }

  test("takes the dead letters that are named, with their payloads", async () => {
    const queue = await withDead(3);
    expect((await queue.deadLetters()).jobs).toMatchObject([
      { id: "2", payload: { id: "2" }, error: { message: "no" } },
      { id: "1" },
      { id: "0" },
    ]);
    expect(await queue.replay("1", "1", "7")).toBe(1);
    expect(await queue.get("1")).toMatchObject({ status: "queued", payload: { id: "1" } });
    expect(await queue.stats()).toMatchObject({ queued: 1, dead: 2, failed: 2 });
    expect(await queue.replay()).toBe(0);
  });

  test("are listed also if the codec cannot read one, whose payload is then as it is stored", async () => {
    const queue = queueOf();
    await queue.store.createMany([
      { name: "n", payload: '{"torn' },
      { name: "n", payload: '{"whole":1}' },
    ]);
    for (let count = 0; count < 2; count++) await queue.store.fail(await take(queue), new Error("no"), "never");
    const { total, jobs } = await queue.deadLetters();
    expect(total).toBe(2);
    expect(new Set(jobs.map(({ payload }) => payload))).toEqual(new Set(['{"torn', { whole: 1 }]));
  });

  test("takes all of them, page after page, also when some have expired meanwhile", async () => {
    const queue = await withDead(1_200);
    const { keys } = queue.store;
    // The oldest page and more is there by name only, as when its time was up and nobody swept.
    const expired = Array.from({ length: 600 }, (_, index) => `${keys.job}${index}`);
    await redis.send(["DEL", ...expired], { resend: "ok" });
    expect(await queue.replayAll()).toBe(600);
    expect(await queue.stats()).toMatchObject({ queued: 600, dead: 0 });
    expect(await queue.replayAll()).toBe(0);
  });
});

describe("the next job of an id, whose lease ends in the same millisecond", () => {
  const turn = { leaseMs: 30_000, finished: [], resume: false, listed: false };
  const late = async (told: boolean) => {
    const { store } = queueOf({ now: () => 1_700_000_000_000 });
    await store.create({ id: "a", name: "n" });
    const { leaseEndsAt } = await store.step({ ...turn, worker: "one", token: "first", want: 1 });
    const done = { id: "a", token: "first", leaseEndsAt, outcome: "completed" as const };
    if (told) await store.step({ ...turn, worker: "one", token: "second", finished: [done], want: 0 });
    else await store.cancel("a");
    await store.remove("a");
    await store.create({ id: "a", name: "n" });
    const next = await store.step({ ...turn, worker: "two", token: "third", want: 1 });
    expect(next.leaseEndsAt).toBe(leaseEndsAt);
    const { settled } = await store.step({ ...turn, worker: "one", token: "second", finished: [done], want: 0, resume: told });
    expect(settled).toEqual(["lost"]);
    expect(await store.get("a")).toMatchObject({ status: "in-progress", workerId: "two" });
  };

  test("is not completed by who was canceled", () => late(false));

  test("is not completed by who tells again what was done, after a lost reply", () => late(true));
});

describe.each<[string, (queue: Queue) => Promise<unknown>]>([
  ["added again", (queue) => queue.add("n", 2, { id: "a" })],
  [
    "added again among many",
    (queue) =>
      queue.addMany([
        { name: "n", payload: 2, options: { id: "a" } },
        { name: "n", payload: 3 },
      ]),
  ],
])("a job that is %s under the id of one that has expired", (_, addAgain) => {
  /** As when its time was up before anybody swept: its place among the ended is still there. */
  async function expire({ store }: Queue): Promise<void> {
    const { job, plain, course } = store.keys;
    await redis.batch(
      [
        ["DEL", `${job}a`],
        ["HDEL", plain, "a"],
        ["HDEL", course, "a"],
      ],
      { resend: "ok" },
    );
  }

  test("is not dropped when the ended are", async () => {
    const queue = queueOf({ keepCompleted: { count: 1 } });
    await queue.add("n", 1, { id: "a" });
    await queue.store.complete(await take(queue));
    await expire(queue);
    await queue.add("n", 1, { id: "b", priority: -1 });
    await addAgain(queue);
    await queue.store.complete(await take(queue));
    expect((await queue.list("ended")).jobs).toMatchObject([{ id: "b" }]);
    expect(await queue.get("a")).toMatchObject({ status: "queued", payload: 2 });
  });

  test("is not put in line a second time by a replay", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    await queue.store.fail(await take(queue), "no", "never");
    await expire(queue);
    await addAgain(queue);
    const held = await take(queue);
    expect(held.id).toBe("a");
    expect(await queue.replayAll()).toBe(0);
    expect(await queue.get("a")).toMatchObject({ status: "in-progress" });
    expect(await queue.store.complete(held)).toBe("completed");
  });
});

describe("waiting for a job", () => {
  test("that has ended already answers at once; for one that nobody knows, too", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    await queue.store.complete(await take(queue), '{"ok":true}');
    expect(await queue.wait("a", { timeout: "1m" })).toMatchObject({ status: "completed", result: { ok: true } });
    expect(await queue.wait("b", { timeout: "1m" })).toBeUndefined();
  });

  test.each([
    ["completes", (queue: Queue, held: { id: string; token: string }) => queue.store.complete(held, "7"), "completed"],
    ["dies", (queue: Queue, held: { id: string; token: string }) => queue.store.fail(held, "no", "never"), "failed"],
    ["is canceled", (queue: Queue, { id }: { id: string }) => queue.cancel(id), "canceled"],
  ])("that %s answers it when it has", async (_, end, status) => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    const waiting = queue.wait("a", { timeout: "10s" });
    await watched(queue, "a");
    const startedAt = performance.now();
    await end(queue, await take(queue));
    expect(await waiting).toMatchObject({ id: "a", status });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test("that is removed answers that there is none", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    const waiting = queue.wait("a", { timeout: "10s" });
    await watched(queue, "a");
    const startedAt = performance.now();
    await queue.remove("a");
    expect(await waiting).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("that fails and is tried again goes on waiting", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    const waiting = queue.wait("a", { timeout: "10s" });
    await watched(queue, "a");
    await queue.store.fail(await take(queue), "no", 0);
    await queue.store.complete(await take(queue), "7");
    expect(await waiting).toMatchObject({ status: "completed", result: 7, retryCount: 1 });
  });

  test("that does not end answers it as it is when the time is up, and leaves no subscription", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    expect(await queue.wait("a", { timeout: 30 })).toMatchObject({ status: "queued" });
    expect(await queue.wait("a", { timeout: 0 })).toMatchObject({ status: "queued" });
    const left = (): Promise<unknown> => redis.send(["PUBSUB", "CHANNELS", `${queue.store.keys.job}*`], { resend: "ok" });
    await expect.poll(left, { interval: 5 }).toEqual([]);
  });

  test("ends with its caller's signal", async () => {
    const queue = queueOf();
    await queue.add("n", 1, { id: "a" });
    const stop = new AbortController();
    const waiting = queue.wait("a", { timeout: "10s", signal: stop.signal });
    await watched(queue, "a");
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("by two hundred callers at once ends for each of them, on one connection", async () => {
    const queue = queueOf<{ n: number }>();
    const ids = Array.from({ length: 100 }, (_, index) => `${index}`);
    await queue.addMany(ids.map((id, payload) => ({ name: "n", payload, options: { id } })));
    const waiting = [...ids, ...ids].map((id) => queue.wait(id, { timeout: "10s" }));
    await watched(queue as unknown as Queue, ...ids);
    const clients = (await redis.send(["INFO", "clients"], { resend: "ok" })) as string;
    expect(Number(/connected_clients:(\d+)/.exec(clients)?.[1])).toBeLessThanOrEqual(3);
    const turn = { worker: "w", token: "t", leaseMs: 30_000, resume: false, listed: false };
    const { jobs } = await queue.store.step({ ...turn, finished: [], want: 100 });
    const finished = jobs.map(({ id }) => ({ id, token: "t", outcome: "completed" as const, result: id }));
    await queue.store.step({ ...turn, finished, want: 0 });
    expect((await Promise.all(waiting)).map((job) => job?.result)).toEqual([...ids, ...ids].map(Number));
  });

  test("is told by a message, although the job's worker knows when its lease ends", async () => {
    const queue = queueOf();
    await queue.addMany([1, 2].map((payload) => ({ name: "n", payload, options: { id: String(payload) } })));
    const heard: string[] = [];
    const end = await redis.subscribe(`${queue.store.keys.job}2`, {
      message: (text) => heard.push(text),
      restored: () => undefined,
    });
    expect(await queue.store.watch("2")).toBe("queued");
    const turn = { worker: "w", token: "t", leaseMs: 30_000, resume: false, listed: false };
    const { jobs, leaseEndsAt } = await queue.store.step({ ...turn, finished: [], want: 2 });
    const finished = jobs.map(({ id }) => ({ id, token: "t", leaseEndsAt, outcome: "completed" as const }));
    await queue.store.step({ ...turn, finished, want: 0 });
    await expect.poll(() => heard, { interval: 5 }).toEqual(["completed"]);
    await end();
  });

  test("while Redis is killed goes on when it is back, or fails and says so", async () => {
    const mortal = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    const port = await connect(mortal.url, { timeout: "3s" });
    onTestFinished(async () => {
      await port.close();
      await mortal.stop();
    });
    const queue = queueOf({}, port);
    await queue.add("n", 1, { id: "a" });
    const waiting = queue.wait("a", { timeout: "10s" });
    const isWatched = async (): Promise<unknown> => (await stateOf(queue.store)).jobs?.["a"]?.["notify"];
    await expect.poll(isWatched, { interval: 5 }).toBe("1");
    await mortal.kill();
    await mortal.restart();
    await queue.store.complete(await take(queue), "7");
    expect(await waiting).toMatchObject({ status: "completed", result: 7 });
    await queue.add("n", 1, { id: "b" });
    await mortal.kill();
    await expect(queue.wait("b", { timeout: "10s" })).rejects.toMatchObject({ applied: "no" });
  });
});
