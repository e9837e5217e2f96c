import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Queue } from "./index.ts";

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

test("all dead letters are put back, in several calls, and those that die meanwhile are not", async () => {
  let clock = 1_700_000_000_000;
  const queue = new Queue(redis, `q-${randomUUID()}`, { now: () => clock });
  const { store } = queue;
  const turn = { worker: "w", leaseMs: 30_000, resume: false, listed: false };
  /** Lets so many jobs die. */
  const bury = async (count: number): Promise<void> => {
    await queue.addMany(Array.from({ length: count }, () => ({ name: "n", payload: 0, options: { priority: -1 } })));
    const token = randomUUID();
    const { jobs } = await store.step({ ...turn, token, finished: [], want: count });
    const finished = jobs.map(({ id }) => ({ id, token, outcome: "failed" as const, error: "{}" }));
    await store.step({ ...turn, token: randomUUID(), finished, want: 0 });
  };
  await bury(700);
  const replay = store.replay.bind(store);
  const calls = vi.spyOn(store, "replay").mockImplementation(async (what) => {
    const page = await replay(what);
    clock += 1_000;
    await bury(300);
    return page;
  });
  expect(await queue.replayAll()).toBe(700);
  expect(calls).toHaveBeenCalledTimes(2);
  expect(await queue.stats()).toMatchObject({ dead: 600, queued: 700 });
});
