import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gate, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue, type QueueOptions } from "../jobs/index.ts";
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

const soon: QueueOptions = { backoff: { base: 0, jitter: "none" } };
const queueOf = (options: QueueOptions = {}): Queue => new Queue(redis, `w-${randomUUID()}`, options);

describe("an attempt that takes too long", () => {
  test("is told to stop and fails, and what it says later does not count", async () => {
    const queue = queueOf(soon);
    const late = gate();
    const reasons: unknown[] = [];
    const worker = await work(
      queue,
      async (_, { signal }) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        await late.passed;
        return "late";
      },
      { timeout: 30 },
    );
    const over = settled(worker);
    const { id } = await queue.add("n", 1, { maxRetries: 0 });
    expect(await over).toMatchObject({ status: "failed", error: { code: "JOB_TIMEOUT", id } });
    late.open();
    expect(reasons).toMatchObject([{ code: "JOB_TIMEOUT" }]);
    expect(await queue.get(id)).toMatchObject({ status: "failed", result: undefined, error: { code: "JOB_TIMEOUT" } });
  });

  test("is one that takes longer than the job says, if it says so itself: also for as long as it takes", async () => {
    const queue = queueOf();
    const worker = await work(queue, async (_, { signal }) => new Promise((done) => signal.addEventListener("abort", done)), {
      timeout: "1h",
    });
    const over = settled(worker);
    await queue.add("n", 1, { timeout: 20 });
    expect(await over).toMatchObject({ status: "scheduled", error: { code: "JOB_TIMEOUT" } });
    const patient = queueOf();
    const second = await work(patient, async () => await redis.send(["BLPOP", "nothing", "0.1"], { resend: "ok" }), {
      timeout: 20,
    });
    const ended = settled(second);
    await patient.add("n", 1, { timeout: 0 });
    expect(await ended).toMatchObject({ status: "completed" });
  });

  test("is tried again after the queue's backoff, as any that failed", async () => {
    let clock = 1_700_000_000_000;
    const queue = queueOf({ backoff: { base: "10s", factor: 3, jitter: "none" }, now: () => clock });
    const worker = await work(queue, () => new Promise(() => {}));
    let over = settled(worker);
    const { id } = await queue.add("n", 1, { timeout: 20 });
    for (const waitMs of [10_000, 30_000, 90_000]) {
      expect(await over).toMatchObject({ status: "scheduled", error: { code: "JOB_TIMEOUT" } });
      expect((await queue.get(id))?.retryDelayUntil).toBe(clock + waitMs);
      clock += waitMs;
      over = settled(worker);
      await queue.update(id, { delay: 0 });
    }
  });
});
