import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue } from "../jobs/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";

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

test("large results are handed in a few megabytes a turn, and one that is larger goes alone", async () => {
  const queue = new Queue(redis, `w-${randomUUID()}`, { maxBytes: 16 * 1024 * 1024 });
  const { store } = queue;
  const turns: number[][] = [];
  const step = store.step.bind(store);
  store.step = (request, options) => {
    if (request.finished.length > 0) turns.push(request.finished.map(({ result }) => result?.length ?? 0));
    return step(request, options);
  };
  const all = gate();
  let running = 0;
  await work(
    queue,
    async ({ payload }) => {
      if (++running === 11) all.open();
      await all.passed;
      return "x".repeat(payload as number);
    },
    { concurrency: 20 },
  );
  const sizes = [6_000_000, ...Array.from({ length: 10 }, () => 1_000_000)];
  const added = await queue.addMany(sizes.map((payload) => ({ name: "n", payload })));
  for (const { id } of added) expect(await store.wait(id)).toBe("completed");
  expect(turns.flat()).toHaveLength(11);
  for (const turn of turns) {
    const bytes = turn.reduce((sum, each) => sum + each, 0);
    expect(turn.length === 1 || bytes <= 4 * 1024 * 1024, `${turn.length} results of ${bytes} bytes in a turn`).toBe(true);
  }
});

test("progress larger than the queue allows is not noted", async () => {
  const queue = new Queue(redis, `w-${randomUUID()}`, { maxBytes: 1_000 });
  await work(queue, async (_, { progress }) => [await progress("x".repeat(998)), await progress("x".repeat(999))]);
  const { id } = await queue.add("n", 1);
  expect(await queue.wait(id)).toMatchObject({ result: [true, false], progress: "x".repeat(998) });
});
