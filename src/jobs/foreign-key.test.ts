import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { JobStore } from "./index.ts";

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

test("a key that is no job's ends the turn that meets it, and takes no job out of line", async () => {
  const store = new JobStore(redis, `q-${randomUUID()}`);
  const ids = ["a", "b", "c", "d"];
  await store.createMany(ids.map((id) => ({ id, name: "n" })));
  const key = `${store.keys.job}c`;
  await redis.send(["SET", key, "somebody else's"], { key, resend: "ok" });
  const turn = { worker: "w", finished: [], want: 4, leaseMs: 30_000, resume: false, listed: false };
  await expect(store.step({ ...turn, token: "first" })).rejects.toMatchObject({ code: "WRONGTYPE", applied: "maybe" });
  expect((await store.stats()).queued).toBe(4);
  await redis.send(["DEL", key], { key, resend: "ok" });
  const { jobs } = await store.step({ ...turn, token: "second" });
  expect(jobs.map(({ id, retryCount }) => [id, retryCount])).toEqual(["a", "b", "d"].map((id) => [id, 0]));
  expect(await store.stats()).toMatchObject({ queued: 0, inProgress: 3 });
});

test("a key in the place of the lines of jobs that run takes no job out of line either", async () => {
  const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true });
  const ids = ["a", "b", "c"];
  await store.createMany(ids.map((id) => ({ id, name: "n" })));
  const key = store.keys.course;
  await redis.send(["SET", key, "somebody else's"], { key, resend: "ok" });
  const turn = { worker: "w", finished: [], want: 3, leaseMs: 30_000, resume: false, listed: false };
  await expect(store.step({ ...turn, token: "first" })).rejects.toMatchObject({ code: "WRONGTYPE" });
  await redis.send(["DEL", key], { key, resend: "ok" });
  expect((await store.step({ ...turn, token: "second" })).jobs.map(({ id }) => id)).toEqual(ids);
});
