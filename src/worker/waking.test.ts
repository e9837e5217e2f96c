import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { stateOf } from "../../test/support/job-queue.ts";
import { gate, heard, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue, type QueueOptions } from "../jobs/index.ts";
import { type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { Worker } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
/** Its commands are not counted among the worker's. */
let witness: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  [redis, witness] = await Promise.all([connect(server.url), connect(server.url)]);
});
afterAll(async () => {
  await Promise.all([redis.close(), witness.close()]);
  await server.stop();
});
afterEach(() => vi.useRealTimers());

const queueOf = (options: QueueOptions = {}): Queue =>
  new Queue(redis, `w-${randomUUID()}`, { backoff: { base: 50, jitter: "none" }, ...options });

/** Resolves when so many workers are noted as idle. */
async function idle({ store }: Queue, count: number): Promise<void> {
  await expect.poll(async () => Object.keys((await stateOf(store)).idle ?? {}).length, { interval: 5 }).toBe(count);
}

/** All commands that were run so far, those of scripts included, by name. */
async function commands(): Promise<ReadonlyMap<string, number>> {
  const stats = (await witness.send(["INFO", "commandstats"], { resend: "ok" })) as string;
  return new Map([...stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)].map(([, name, calls]) => [name as string, Number(calls)]));
}

describe("an idle worker begins at once", () => {
  test("a job that is added", async () => {
    const queue = queueOf();
    const begunAt: number[] = [];
    const worker = await work(queue, () => begunAt.push(performance.now()));
    const latencies: number[] = [];
    for (let index = 0; index < 20; index++) {
      await idle(queue, 1);
      const over = settled(worker);
      const addedAt = performance.now();
      await queue.add("n", index);
      await over;
      latencies.push((begunAt.at(-1) as number) - addedAt);
    }
    // The median: this machine may be busy with something else now and then.
    expect(latencies.sort((a, b) => a - b)[10]).toBeLessThan(100);
  });

  test("and no others with it: one is woken for each job that is added", async () => {
    const queue = queueOf();
    const begun = gate();
    const held = gate();
    const handler = async (): Promise<void> => {
      begun.open();
      await held.passed;
    };
    for (let index = 0; index < 4; index++) await work(queue, handler, { concurrency: 1 });
    await idle(queue, 4);
    const before = (await commands()).get("publish") ?? 0;
    await queue.add("n", 1);
    await begun.passed;
    expect(((await commands()).get("publish") ?? 0) - before).toBe(1);
    await idle(queue, 3);
    held.open();
  });

  test("a delayed job when it is due, and not before", async () => {
    const queue = queueOf();
    const worker = await work(queue, () => Date.now());
    await idle(queue, 1);
    const over = settled(worker);
    const { id } = await queue.add("n", 1, { delay: 80 });
    await over;
    const { startedAt, createdAt } = (await queue.get(id)) ?? {};
    const late = (startedAt ?? 0) - (createdAt ?? 0) - 80;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  });

  test("a delayed job that is due before another that it knew of", async () => {
    const queue = queueOf();
    const worker = await work(queue, () => 1);
    await queue.add("n", 1, { delay: "20s" });
    await idle(queue, 1);
    const over = settled(worker);
    const { id } = await queue.add("n", 1, { delay: 50 });
    expect((await over).job.id).toBe(id);
  });

  test("a job that is to be tried again", async () => {
    const queue = queueOf();
    const begunAt: number[] = [];
    const worker = await work(queue, () => {
      if (begunAt.push(performance.now()) === 1) throw new Error("no");
    });
    const over = heard(worker, "settled", 2);
    await queue.add("n", 1);
    await over;
    const [first, second] = begunAt as [number, number];
    expect(second - first).toBeGreaterThanOrEqual(49);
    expect(second - first).toBeLessThan(1_000);
  });

  test("jobs of a queue that goes on after a pause, and of a job whose delay is taken away", async () => {
    const queue = queueOf();
    await queue.pause();
    const worker = await work(queue, () => 1);
    await idle(queue, 1);
    const paused = settled(worker);
    await queue.add("n", 1, { id: "a" });
    await queue.resume();
    expect((await paused).job.id).toBe("a");
    const put = settled(worker);
    await queue.add("n", 1, { id: "b", delay: "1h" });
    await idle(queue, 1);
    await queue.update("b", { delay: 0 });
    expect((await put).job.id).toBe("b");
  });
});

describe("no job waits while a worker has nothing to do", () => {
  test("because the one that would have seen to it has its hands full", async () => {
    const queue = queueOf();
    const finish = gate();
    const ran: unknown[] = [];
    const handler = async ({ payload }: { readonly payload: unknown }): Promise<void> => {
      ran.push(payload);
      await finish.passed;
    };
    for (let count = 1; count <= 3; count++) await work(queue, handler, { concurrency: 1 });
    await idle(queue, 3);
    await queue.addMany(["a", "b", "c"].map((payload) => ({ name: "n", payload, options: { delay: 60 } })));
    await expect.poll(() => ran.length, { interval: 5, timeout: 5_000 }).toBe(3);
    finish.open();
  });

  test("because the one that put it off for later got another", async () => {
    const queue = queueOf();
    const begun = gate();
    const fail = gate();
    const finish = gate();
    const busy = await work(
      queue,
      async ({ payload }) => {
        if (payload === "long") return await finish.passed;
        begun.open();
        await fail.passed;
        throw new Error("no");
      },
      { concurrency: 1 },
    );
    await queue.add("n", "fails", { id: "fails" });
    await begun.passed;
    const free = await work(queue, () => 1, { concurrency: 1 });
    await idle(queue, 1);
    // In line for the busy one alone: nobody is woken for it.
    await queue.pause();
    await queue.store.redis.send(["DEL", queue.store.keys.idle], { resend: "ok" });
    await queue.add("n", "long", { id: "long" });
    await queue.store.redis.send(["ZADD", queue.store.keys.idle, String(Date.now()), free.id], { resend: "ok" });
    await queue.store.redis.send(["HDEL", queue.store.keys.meta, "paused"], { resend: "ok" });
    fail.open();
    expect(await queue.wait("fails", { timeout: "5s" })).toMatchObject({ retryCount: 1, workerId: free.id });
    expect(await queue.get("long")).toMatchObject({ workerId: busy.id, status: "in-progress" });
    finish.open();
  });

  test("because a turn that only told an outcome struck the worker off", async () => {
    // On a slow line, so that the second of two turns leaves before the first is answered.
    const proxy = await startFaultProxy({ target: server });
    const slow = await connect(proxy.url);
    onTestFinished(async () => {
      await slow.close();
      await proxy.close();
    });
    proxy.delay(10);
    const queue = queueOf();
    const finish = gate();
    const short = gate();
    const worker = await work(
      new Queue(slow, queue.name),
      async ({ payload }) => await (payload === "short" ? short.passed : payload === "long" ? finish.passed : undefined),
      { concurrency: 8 },
    );
    const payloads = ["long", "long", "long", "long", "short", "short"];
    await queue.addMany(payloads.map((payload) => ({ name: "n", payload })));
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 5 }).toBe(6);
    await idle(queue, 1);
    const both = heard(worker, "settled", 2);
    short.open();
    await both;
    const over = settled(worker);
    await queue.add("n", "next", { id: "next" });
    expect((await over).job.id).toBe("next");
    finish.open();
  });
});

test("an idle worker costs no more than three round trips a minute", async () => {
  const queue = queueOf();
  // Only what is set from here on is in the test's hands: the worker's alarm.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const worker = new Worker(queue, () => 1);
  await worker.start();
  await idle(queue, 1);
  const before = await commands();
  const minutes = 5;
  for (let second = 0; second < minutes * 60; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    // An answer on the same connection: what the alarm caused has been answered too.
    await new Promise((done) => setImmediate(done));
    await redis.send(["ECHO", "x"], { resend: "ok" });
  }
  const after = await commands();
  const calls = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  expect(calls("evalsha")).toBeGreaterThanOrEqual(minutes);
  expect(calls("evalsha")).toBeLessThanOrEqual(3 * minutes);
  // And nothing outside of its scripts: neither blocking pops, nor pings, nor subscriptions.
  for (const name of ["bzpopmin", "blpop", "subscribe", "ping", "script|load"]) expect(calls(name)).toBe(0);
  vi.useRealTimers();
  await worker.stop();
});

test("an idle worker looks once a lease, and takes back the job of one that was killed", async () => {
  const queue = queueOf();
  const { keys, redis: port } = queue.store;
  // Only what is set from here on is in the test's hands: the worker's alarm.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const worker = await work(queue, () => 1, { lease: "2s" });
  await idle(queue, 1);
  // Nobody is woken for a job that another takes, and is killed.
  await port.send(["DEL", keys.idle], { resend: "ok" });
  const { id } = await queue.add("n", 1);
  await queue.store.claimNext({ worker: "killed", lease: "2s" });
  await port.send(["ZADD", keys.leased, "1", id], { resend: "ok" });
  const over = settled(worker);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await over).toMatchObject({ status: "completed", job: { id, recoveryCount: 1 } });
});

test.each([
  ["a job that has a hash costs Redis no more than twelve commands", { fold: false }, 3, 12],
  ["a folded job costs Redis no more than two commands", { fold: true }, 0.25, 2],
])("%s over its whole life", async (_, options, least, most) => {
  const queue = queueOf(options);
  const jobs = 2_000;
  const before = await commands();
  const worker = new Worker(queue, () => undefined, { concurrency: 100 });
  const over = heard(worker, "settled", jobs);
  await worker.start();
  await queue.addMany(Array.from({ length: jobs }, (_, payload) => ({ name: "n", payload })));
  await over;
  await worker.stop();
  const after = await commands();
  const calls = [...after]
    .filter(([name]) => name !== "info")
    .reduce((sum, [name, count]) => sum + count - (before.get(name) ?? 0), 0);
  expect(await queue.stats()).toMatchObject({ completed: jobs });
  expect(calls / jobs).toBeGreaterThan(least);
  expect(calls / jobs).toBeLessThanOrEqual(most);
});
