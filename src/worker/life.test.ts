import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stateOf } from "../../test/support/job-queue.ts";
import { nextWarning } from "../../test/support/next-warning.ts";
import { gate, heard, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue } from "../jobs/index.ts";
import { type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { Worker, type WorkerOptions } from "./index.ts";

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

const queueOf = (over: RedisPort = redis): Queue => new Queue(over, `w-${randomUUID()}`);
const never = new Promise<never>(() => {});

/** Timers of this process that keep it alive. */
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

/** Nobody is noted as idle, and nobody listens, for this queue. */
async function nobodyIsLeft({ store }: Queue): Promise<void> {
  expect((await stateOf(store)).idle).toBeUndefined();
  const channels = (): Promise<unknown> => redis.send(["PUBSUB", "CHANNELS", `${store.keys.idle}*`], { resend: "ok" });
  await expect.poll(channels, { interval: 5 }).toEqual([]);
}

describe("a worker", () => {
  test("may be started twice, and stopped before, twice, and while it starts", async () => {
    const queue = queueOf();
    const worker = new Worker(queue, () => "done");
    await worker.stop();
    const starting = worker.start();
    const stopping = worker.stop();
    await Promise.all([starting, stopping, worker.stop()]);
    expect(worker.running).toBe(false);
    await Promise.all([worker.start(), worker.start()]);
    const over = settled(worker);
    await queue.add("n", 1);
    expect(await over).toMatchObject({ status: "completed" });
    await Promise.all([worker.stop(), worker.stop()]);
    await nobodyIsLeft(queue);
  });

  test("that was stopped works again when it is started again", async () => {
    const queue = queueOf();
    const worker = new Worker(queue, () => "done");
    for (let life = 1; life <= 3; life++) {
      await worker.start();
      const over = settled(worker);
      await queue.add("n", life);
      expect(await over).toMatchObject({ status: "completed" });
      await worker.stop();
    }
    await nobodyIsLeft(queue);
  });

  test.each([1, 2, 20])(
    "of concurrency %i leaves nothing behind: no timer, no subscription, no entry among the idle",
    async (concurrency) => {
      const before = timers();
      const queue = queueOf();
      const worker = new Worker(queue, () => "done", { concurrency });
      await worker.start();
      const over = heard(worker, "settled", 100);
      await queue.addMany(Array.from({ length: 100 }, (_, payload) => ({ name: "n", payload })));
      await over;
      await worker.stop();
      await nobodyIsLeft(queue);
      await expect.poll(timers, { interval: 5 }).toBeLessThanOrEqual(before);
    },
  );

  test("that is idle when it stops is struck off, whatever it did before", async () => {
    const queue = queueOf();
    const worker = new Worker(queue, () => "done");
    await worker.start();
    await expect.poll(async () => (await stateOf(queue.store)).idle, { interval: 5 }).toHaveProperty(worker.id);
    await worker.stop();
    await nobodyIsLeft(queue);
  });

  test("drains: what runs is finished, what waits is left, and stop() resolves when that is acknowledged", async () => {
    const queue = queueOf();
    const begun = gate();
    const finish = gate();
    const worker = new Worker(
      queue,
      async () => {
        begun.open();
        await finish.passed;
        return "done";
      },
      { concurrency: 1 },
    );
    await queue.add("n", 1, { id: "runs" });
    await queue.add("n", 1, { id: "waits" });
    await worker.start();
    await begun.passed;
    const stopping = worker.stop();
    finish.open();
    await stopping;
    expect(await queue.get("runs")).toMatchObject({ status: "completed", result: "done" });
    expect(await queue.get("waits")).toMatchObject({ status: "queued", retryCount: 0 });
    expect(await queue.stats()).toMatchObject({ inProgress: 0 });
    await nobodyIsLeft(queue);
  });

  test("whose handler does not stop puts its job back in its old place without using an attempt, and keeps no timer for it", async () => {
    const before = timers();
    const queue = queueOf();
    const begun = gate();
    const reasons: unknown[] = [];
    const worker = new Worker(
      queue,
      (_, { signal }) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        begun.open();
        return never;
      },
      { concurrency: 1, stopTimeout: 20 },
    );
    await queue.add("n", 1, { id: "stuck" });
    await queue.add("n", 1, { id: "next" });
    await worker.start();
    await begun.passed;
    const aborted = heard(worker, "aborted");
    await worker.stop();
    expect(reasons).toMatchObject([{ code: "WORKER_STOPPED", id: "stuck" }]);
    expect(await aborted).toMatchObject([{ job: { id: "stuck" }, reason: { code: "WORKER_STOPPED" } }]);
    expect((await queue.list("queued")).jobs).toMatchObject([{ id: "stuck", retryCount: 0, recoveryCount: 0 }, { id: "next" }]);
    await expect.poll(timers, { interval: 5 }).toBeLessThanOrEqual(before);
  });

  test("is disposed of by `await using`", async () => {
    const queue = queueOf();
    {
      await using worker = new Worker(queue, () => 1);
      await worker.start();
      expect(worker.running).toBe(true);
    }
    await nobodyIsLeft(queue);
  });
});

test("a worker takes two connections, with the queue that it works for", async () => {
  const own = await startRedis();
  const port = await connect(own.url);
  onTestFinished(async () => {
    await port.close();
    await own.stop();
  });
  const queue = queueOf(port);
  const worker = await work(queue, () => "done", { concurrency: 100 });
  const over = heard(worker, "settled", 500);
  await queue.addMany(Array.from({ length: 500 }, (_, payload) => ({ name: "n", payload })));
  await over;
  const clients = (await port.send(["INFO", "clients"], { resend: "ok" })) as string;
  expect(clients).toContain("connected_clients:2\r\n");
});

test("a listener that throws harms neither the worker nor other listeners", async () => {
  const warned = nextWarning("a listener's own");
  const queue = queueOf();
  const worker = await work(queue, () => "done");
  worker.on("settled", () => {
    throw new Error("a listener's own");
  });
  const over = heard(worker, "settled", 2);
  await queue.addMany([1, 2].map((payload) => ({ name: "n", payload })));
  expect((await over).map(({ status }) => status)).toEqual(["completed", "completed"]);
  expect(await warned).toMatchObject({ code: "REDLUA_LISTENER", message: expect.stringContaining("a listener's own") });
});

describe("stop() resolves within its limit", () => {
  async function stuckWorker(options: WorkerOptions = {}): Promise<{
    readonly worker: Worker;
    readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
    readonly port: RedisPort;
  }> {
    const proxy = await startFaultProxy({ target: server });
    const port = await connect(proxy.url);
    onTestFinished(async () => {
      await port.close();
      await proxy.close();
    });
    const queue = queueOf(port);
    const begun = gate();
    const worker = await work(
      queue,
      () => {
        begun.open();
        return never;
      },
      options,
    );
    await queue.add("n", 1);
    await begun.passed;
    return { worker, proxy, port };
  }

  const secondsOf = async (stopping: Promise<void>): Promise<number> => {
    const startedAt = performance.now();
    await stopping;
    return (performance.now() - startedAt) / 1_000;
  };

  // It has 5 seconds. What did not keep to them would wait for a handler that never ends, until the test's own time is up.
  test("when Redis does not answer any more", async () => {
    const { worker, proxy } = await stuckWorker();
    proxy.blackHole();
    expect(await secondsOf(worker.stop())).toBeLessThan(9);
  });

  test("when Redis cannot be reached any more", async () => {
    const { worker, proxy } = await stuckWorker();
    proxy.refuse();
    proxy.reset();
    expect(await secondsOf(worker.stop())).toBeLessThan(9);
  });

  test("at once when the connection was closed before it", async () => {
    const { worker, port } = await stuckWorker();
    await port.close();
    // Less than the 5 seconds that it would give Redis.
    expect(await secondsOf(worker.stop())).toBeLessThan(4);
  });
});

test("a worker that cannot reach Redis does not start, says so, and may be started again", async () => {
  const proxy = await startFaultProxy({ target: server });
  const port = await connect(proxy.url, { timeout: 200 });
  onTestFinished(async () => {
    await port.close();
    await proxy.close();
  });
  proxy.refuse();
  proxy.reset();
  const worker = new Worker(queueOf(port), () => 1);
  await expect(worker.start()).rejects.toMatchObject({ code: "CLIENT_UNAVAILABLE" });
  expect(worker.running).toBe(false);
  await proxy.heal();
  // The client may still be between two tries to connect, and a start waits no longer than the port does.
  const answer = (): Promise<unknown> => port.send(["PING"], { resend: "ok" }).catch((error: Error) => error.message);
  await expect.poll(answer).toBe("PONG");
  await worker.start();
  await worker.stop();
});
