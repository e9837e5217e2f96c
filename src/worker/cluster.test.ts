import calculateSlot from "cluster-key-slot";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { gate, heard, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue } from "../jobs/index.ts";
import { type RedisCluster, type RedisClusterNode, startCluster } from "../testing/index.ts";

let cluster: RedisCluster;
let redis: RedisPort;

beforeAll(async () => {
  cluster = await startCluster();
  redis = await connect(cluster.url, { prefix: "shop" });
});
afterAll(async () => {
  await redis.close();
  await cluster.stop();
});

// Enough queues that each node has some.
test.each(["a", "b", "c", "d", "e", "f"])("a queue lives its whole life in one slot of a cluster: %s", async (name) => {
  const queue = new Queue(redis, name, { backoff: { base: 10, jitter: "none" } });
  const begun = gate();
  const worker = await work(queue, async ({ payload, retryCount }, { signal, progress }) => {
    if (payload === "fails" && retryCount === 0) throw new Error("no");
    if (payload === "hangs") {
      await progress(1);
      begun.open();
      await new Promise((done) => signal.addEventListener("abort", done));
    }
    return payload;
  });
  await queue.addMany(["fine", "fails", "hangs"].map((id) => ({ name: "n", payload: id, options: { id } })));
  await queue.add("n", "later", { id: "later", delay: 50 });
  const ends = Promise.all(["fine", "fails", "later"].map((id) => queue.wait(id, { timeout: "10s" })));
  expect(await ends).toMatchObject(["fine", "fails", "later"].map((result) => ({ status: "completed", result })));
  await begun.passed;
  const aborted = heard(worker, "aborted");
  await queue.cancel("hangs");
  expect(await aborted).toMatchObject([{ reason: { code: "JOB_CANCELED" } }]);
  expect(await queue.stats()).toMatchObject({ completed: 3, canceled: 1, inProgress: 0 });
});

describe("a queue in partitions", () => {
  /** The node that owns a key's slot. */
  const nodeOf = (key: string): RedisClusterNode =>
    cluster.nodes.find(
      ({ slots: [first, last] = [1, 0] }) => first <= calculateSlot(key) && calculateSlot(key) <= last,
    ) as RedisClusterNode;

  test("is spread over the nodes, and worked as one", async () => {
    const queue = new Queue(redis, "wide", { partitions: 8 });
    expect(new Set(queue.stores.map(({ keys }) => nodeOf(keys.ready))).size).toBe(3);
    const worker = await work(queue, ({ payload }) => payload, { concurrency: 5 });
    const over = heard(worker, "settled", 200);
    const added = await queue.addMany(Array.from({ length: 200 }, (_, payload) => ({ name: "n", payload })));
    await over;
    expect(await queue.stats()).toMatchObject({ completed: 200, queued: 0, inProgress: 0 });
    expect(await queue.get(added[7]?.id as string)).toMatchObject({ status: "completed", result: 7 });
  });

  test("is worked where it can be reached, and goes on where it could not", async () => {
    for (const { port } of cluster.nodes) {
      await using node = await connect(`redis://127.0.0.1:${port}`);
      await node.send(["CONFIG", "SET", "cluster-require-full-coverage", "no"], { resend: "ok" });
    }
    const queue = new Queue(redis, "halved", { partitions: 8 });
    const away = nodeOf(queue.stores[0]?.keys.ready as string);
    const ids = Array.from({ length: 80 }, (_, n) => `job-${n}`);
    const isAway = (id: string): boolean => nodeOf(queue.storeOf(id).keys.ready) === away;
    await queue.addMany(ids.map((id) => ({ name: "n", payload: id, options: { id } })));
    const here = ids.filter((id) => !isAway(id)).sort();
    expect([here.length > 20, here.length < 75]).toEqual([true, true]);
    const begin = gate();
    const worker = await work(queue, () => begin.passed, { concurrency: 2 });
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 5 }).toBe(2);
    const ended: string[] = [];
    worker.on("settled", ({ job, status }) => status === "completed" && ended.push(job.id));
    away.pause();
    onTestFinished(() => away.resume());
    begin.open();
    await expect.poll(() => [...ended].sort(), { timeout: 20_000 }).toEqual(here);
    away.resume();
    await expect.poll(() => [...ended].sort(), { timeout: 20_000 }).toEqual([...ids].sort());
  }, 40_000);
});
