import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, heard, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue } from "../jobs/index.ts";
import { type RedisCluster, startCluster } from "../testing/index.ts";

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
