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

test("large payloads are claimed a few megabytes a turn, in their order, and the next turn leaves at once", async () => {
  const queue = new Queue(redis, `w-${randomUUID()}`);
  const { store } = queue;
  const turns: number[] = [];
  const step = store.step.bind(store);
  store.step = async (request, options) => {
    const reply = await step(request, options);
    if (reply.jobs.length > 0) turns.push(reply.jobs.length);
    return reply;
  };
  const added = await queue.addMany(
    Array.from({ length: 24 }, (_, place) => ({ name: "n", payload: `${place}${"x".repeat(1_000_000)}` })),
  );
  const begun: number[] = [];
  await work(queue, ({ payload }) => begun.push(Number.parseInt(payload as string, 10)), { concurrency: 48 });
  for (const { id } of added) expect(await store.wait(id, { timeout: "10s" })).toBe("completed");
  expect(Math.max(...turns)).toBeLessThanOrEqual(5);
  expect(begun).toEqual(begun.toSorted((a, b) => a - b));
});

test("a turn of large payloads that is asked again brings what it brought, and no more of them", async () => {
  const { store } = new Queue(redis, `w-${randomUUID()}`);
  await store.createMany(
    Array.from({ length: 10 }, (_, place) => ({ id: `job-${place}`, name: "n", payload: "x".repeat(1_000_000) })),
  );
  const turn = { worker: "w", token: "t", finished: [], want: 10, leaseMs: 30_000, listed: false };
  const brought = await store.step({ ...turn, resume: false });
  expect(brought).toMatchObject({ jobs: Array.from({ length: 5 }, (_, place) => ({ id: `job-${place}` })), nextInMs: 0 });
  const again = await store.step({ ...turn, resume: true });
  expect(again.jobs.map(({ id }) => id)).toEqual(brought.jobs.map(({ id }) => id));
  expect(await store.stats()).toMatchObject({ queued: 5, inProgress: 5 });
});

test("progress larger than the queue allows is not noted", async () => {
  const queue = new Queue(redis, `w-${randomUUID()}`, { maxBytes: 1_000 });
  await work(queue, async (_, { progress }) => [await progress("x".repeat(998)), await progress("x".repeat(999))]);
  const { id } = await queue.add("n", 1);
  expect(await queue.wait(id)).toMatchObject({ result: [true, false], progress: "x".repeat(998) });
});
