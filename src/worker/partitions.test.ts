import { randomUUID } from "node:crypto";
import calculateSlot from "cluster-key-slot";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { stateOf } from "../../test/support/job-queue.ts";
import { gate, heard, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type JobStore, Queue, type QueueOptions } from "../jobs/index.ts";
import { ScriptError } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "./index.ts";

const partitions = 4;
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

const queueOf = (options: QueueOptions = {}): Queue => new Queue(redis, `w-${randomUUID()}`, { partitions, ...options });

/** So many ids that belong to a partition. */
function idsOf(partition: number, count: number): readonly string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) if (calculateSlot(`job-${n}`) % partitions === partition) ids.push(`job-${n}`);
  return ids;
}

const jobs = (ids: readonly string[]) => ids.map((id) => ({ name: "n", payload: id, options: { id } }));

/** Resolves when so many workers are noted as idle in each of the partitions. */
async function idle(stores: readonly JobStore[], count: number): Promise<void> {
  const counts = (): Promise<readonly number[]> =>
    Promise.all(stores.map(async (store) => Object.keys((await stateOf(store)).idle ?? {}).length));
  await expect.poll(counts, { interval: 5 }).toEqual(stores.map(() => count));
}

describe("a worker of a queue in partitions", () => {
  test.each([1, 3, 20])("runs every job once, and never more than %i at a time", async (concurrency) => {
    const queue = queueOf();
    const times = new Map<string, number>();
    let running = 0;
    let most = 0;
    const handler = async ({ id }: { readonly id: string }): Promise<void> => {
      times.set(id, (times.get(id) ?? 0) + 1);
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    const worker = await work(queue, handler, { concurrency });
    const over = heard(worker, "settled", 400);
    await queue.addMany(Array.from({ length: 400 }, (_, payload) => ({ name: "n", payload })));
    await over;
    expect([times.size, Math.max(...times.values()), most]).toEqual([400, 1, concurrency]);
    expect(await queue.stats()).toMatchObject({ completed: 400, queued: 0, inProgress: 0 });
  });

  test("lets no busy partition keep the others waiting", async () => {
    const queue = queueOf();
    await queue.addMany(jobs([...idsOf(0, 300), ...idsOf(1, 5), ...idsOf(3, 5)]));
    const order: string[] = [];
    const handler = async ({ id }: { readonly id: string }): Promise<void> => {
      order.push(id);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const worker = await work(queue, handler, { concurrency: 2 });
    await heard(worker, "settled", 310);
    const few = [...idsOf(1, 5), ...idsOf(3, 5)];
    expect(Math.max(...few.map((id) => order.indexOf(id)))).toBeLessThan(60);
  });

  test("begins at once what is added to any of them", async () => {
    const queue = queueOf();
    const worker = await work(queue, ({ payload }) => payload);
    for (let partition = 0; partition < partitions; partition++) {
      await idle(queue.stores, 1);
      const over = settled(worker);
      await queue.addMany(jobs(idsOf(partition, 1)));
      expect(await over).toMatchObject({ status: "completed", job: { payload: idsOf(partition, 1)[0] } });
    }
  });

  test("that is woken with its hands full wakes another, and asks itself when it has a hand free", async () => {
    const queue = queueOf();
    const finish = [gate(), gate(), gate()];
    const [first, second, third] = [idsOf(0, 1), idsOf(1, 1), idsOf(2, 1)].flat() as [string, string, string];
    const handler = async ({ id }: { readonly id: string }): Promise<void> =>
      await finish[[first, second, third].indexOf(id)]?.passed;
    const other = await work(queue, handler, { concurrency: 1 });
    await idle(queue.stores, 1);
    const busy = await work(queue, handler, { concurrency: 1 });
    await idle(queue.stores, 2);
    const runs = async (id: string): Promise<unknown> => (await queue.get(id))?.workerId;
    // The one that came last is woken first.
    await queue.addMany(jobs([first]));
    await expect.poll(() => runs(first), { interval: 5 }).toBe(busy.id);
    await queue.addMany(jobs([second]));
    await expect.poll(() => runs(second), { interval: 5 }).toBe(other.id);
    // Both are woken for it, and neither has a hand free. Each says so once.
    const asked = vi.spyOn(queue.stores[2] as JobStore, "step");
    await queue.addMany(jobs([third]));
    await expect.poll(async () => (await stateOf(queue.stores[2] as JobStore)).idle, { interval: 5 }).toBeUndefined();
    await queue.stats();
    expect(asked).toHaveBeenCalledTimes(2);
    finish[0]?.open();
    await expect.poll(() => runs(third), { interval: 5 }).toBe(busy.id);
    finish[1]?.open();
    finish[2]?.open();
    expect(await queue.wait(third)).toMatchObject({ status: "completed" });
  });

  test("works on while one of them cannot be reached, and takes it up again", async () => {
    const queue = queueOf();
    const away = vi.spyOn(queue.stores[0] as JobStore, "step").mockRejectedValue(new Error("away"));
    const worker = await work(queue, ({ payload }) => payload, { concurrency: 2 });
    const recovered = heard(worker, "recovered");
    const over = heard(worker, "settled", 20);
    await queue.addMany(jobs([...idsOf(1, 20), ...idsOf(0, 3)]));
    await over;
    expect(away).toHaveBeenCalled();
    const rest = heard(worker, "settled", 3);
    away.mockRestore();
    expect((await rest).map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    await recovered;
  });

  test("works on while outcomes cannot be told to one of them, which waited for a slot", async () => {
    const queue = queueOf();
    const finish = new Map(idsOf(0, 2).map((id) => [id, gate()]));
    const worker = await work(queue, async ({ id }) => await finish.get(id)?.passed, { concurrency: 2 });
    await idle(queue.stores, 1);
    await queue.addMany(jobs(idsOf(0, 3)));
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 5 }).toBe(2);
    const away = vi.spyOn(queue.stores[0] as JobStore, "step").mockRejectedValue(new Error("away"));
    const over = heard(worker, "settled", 5);
    await queue.addMany(jobs(idsOf(1, 5)));
    for (const [index, done] of [...finish.values()].entries()) {
      done.open();
      await expect.poll(() => away.mock.calls.length, { interval: 5 }).toBeGreaterThan(index);
    }
    expect((await over).map(({ status }) => status)).toEqual(Array(5).fill("completed"));
    const rest = heard(worker, "settled", 3);
    away.mockRestore();
    await rest;
  });

  test("works on while one of them hangs that failed before", async () => {
    const queue = queueOf();
    const answered = gate();
    vi.spyOn(queue.stores[0] as JobStore, "step")
      .mockRejectedValueOnce(new Error("away"))
      .mockImplementation(() => answered.passed.then(() => Promise.reject(new Error("away"))));
    await queue.addMany(jobs([...idsOf(0, 5), ...idsOf(1, 5)]));
    const worker = new Worker(queue, ({ payload }) => payload, { concurrency: 1 });
    const over = heard(worker, "settled", 5);
    await worker.start();
    await over;
    vi.restoreAllMocks();
    answered.open();
    await heard(worker, "settled", 5);
    await worker.stop();
  });

  test("that was stopped while one of them was away has its slots when it is started again, and no more", async () => {
    const queue = queueOf();
    const closed = new ScriptError("CLIENT_CLOSED", "closed", { script: "jobs.step", applied: "no" });
    const away = vi.spyOn(queue.stores[0] as JobStore, "step").mockRejectedValue(closed);
    const finish = gate();
    const worker = await work(queue, () => finish.passed, { concurrency: 2 });
    await expect.poll(() => away.mock.calls.length, { interval: 5 }).toBeGreaterThan(1);
    await worker.stop();
    away.mockRestore();
    await worker.start();
    await queue.addMany(jobs([...idsOf(0, 5), ...idsOf(1, 5)]));
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 5 }).toBe(2);
    await idle([queue.stores[2] as JobStore], 0);
    expect((await queue.stats()).inProgress).toBe(2);
    const over = heard(worker, "settled", 10);
    finish.open();
    await over;
  });

  test("runs at once what turns brought whose replies were lost", async () => {
    const queue = queueOf();
    const store = queue.stores[0] as JobStore;
    const step = store.step.bind(store);
    const second = gate();
    vi.spyOn(store, "step")
      .mockImplementationOnce(async (...request) => {
        await step(...request);
        await second.passed;
        throw new Error("lost");
      })
      .mockImplementationOnce(async (...request) => {
        await step(...request);
        setImmediate(second.open);
        throw new Error("lost");
      });
    // The first of two turns brings five, the second two, and is asked again before it.
    await queue.addMany(jobs(idsOf(0, 7)));
    const worker = new Worker(queue, ({ payload }) => payload, { lease: "1h" });
    onTestFinished(() => worker.stop());
    const over = heard(worker, "settled", 7);
    await worker.start();
    expect((await over).map(({ status }) => status)).toEqual(Array(7).fill("completed"));
  });

  test.each([
    ["may have claimed", new Error("away")],
    ["was not sent", new ScriptError("CLIENT_NOT_CONNECTED", "away", { script: "jobs.step", applied: "no" })],
  ])("asks again when a turn that %s had to leave its slot to another", async (_, failure) => {
    const queue = queueOf();
    const finish = gate();
    const [first, second] = [idsOf(0, 1), idsOf(1, 1)].flat() as [string, string];
    await work(queue, async ({ id }) => (id === second ? await finish.passed : undefined), { concurrency: 1 });
    await idle(queue.stores, 1);
    const asked = vi.spyOn(queue.stores[0] as JobStore, "step").mockRejectedValueOnce(failure);
    await queue.addMany(jobs([first]));
    await expect.poll(() => asked.mock.calls.length, { interval: 1 }).toBe(1);
    await queue.addMany(jobs([second]));
    await expect.poll(async () => (await queue.get(second))?.status, { interval: 1 }).toBe("in-progress");
    await expect
      .poll(() => asked.mock.settledResults.filter(({ type }) => type === "fulfilled").length, { interval: 1 })
      .toBeGreaterThan(0);
    finish.open();
    expect(await queue.wait(first, { timeout: "5s" })).toMatchObject({ status: "completed" });
  });

  test("tells a running job that it was canceled, and how far it is, wherever it is", async () => {
    const queue = queueOf();
    for (let partition = 0; partition < partitions; partition++) {
      const [id] = idsOf(partition, 1) as [string];
      const begun = gate<boolean>();
      const worker = await work(queue, async (_, { signal, progress }) => {
        begun.open(await progress(50));
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      });
      await queue.addMany(jobs([id]));
      expect(await begun.passed).toBe(true);
      expect(await queue.get(id)).toMatchObject({ progress: 50, status: "in-progress" });
      const aborted = heard(worker, "aborted");
      await queue.cancel(id);
      expect(await aborted).toMatchObject([{ job: { id }, reason: { code: "JOB_CANCELED" } }]);
      await worker.stop();
    }
  });

  test("that stops puts back what runs in each, and is noted in none", async () => {
    const queue = queueOf();
    const worker = await work(queue, () => new Promise(() => {}), { concurrency: 100 });
    await queue.addMany(Array.from({ length: 40 }, (_, payload) => ({ name: "n", payload })));
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 5 }).toBe(40);
    await worker.stop();
    expect(await queue.stats()).toMatchObject({ queued: 40, inProgress: 0 });
    await idle(queue.stores, 0);
    const channels = (): Promise<unknown> => redis.send(["PUBSUB", "CHANNELS", `jobs:{${queue.name}*`], { resend: "ok" });
    await expect.poll(channels, { interval: 5 }).toEqual([]);
  });

  test.each([1, 3, 8])("that divides it into %i does not start, and hears nothing", async (count) => {
    const queue = queueOf();
    await queue.agree();
    const worker = new Worker(new Queue(redis, queue.name, { partitions: count }), () => 1);
    onTestFinished(() => worker.stop());
    await expect(worker.start()).rejects.toMatchObject({ code: "JOB_PARTITIONS", asked: count, partitions });
    expect(worker.running).toBe(false);
    const channels = (): Promise<unknown> => redis.send(["PUBSUB", "CHANNELS", `jobs:{${queue.name}*`], { resend: "ok" });
    await expect.poll(channels, { interval: 5 }).toEqual([]);
  });
});
