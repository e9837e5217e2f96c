import { expect, test } from "vitest";
import { connect } from "../client/index.ts";
import { startRedis } from "../testing/index.ts";
import { next } from "./fixtures/index.ts";
import { HybridCache } from "./index.ts";

test("clone keeps a copy of what a factory answers", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using cache = new HybridCache(redis, { memory: { clone: true } });
  await cache.start();
  const made = [1];
  await cache.getOrSet("a", () => made);
  made.push(2);
  expect(await cache.get("a")).toEqual([1]);
});

test("clone gives a factory a copy of the stale value that a pause then serves", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using cache = new HybridCache(redis, { memory: { clone: true }, failSafe: "1h" });
  await cache.start();
  await cache.set("a", [1]);
  await cache.expire("a");
  await cache.getOrSet<number[]>("a", ({ stale }) => {
    stale?.push(2);
    throw new Error("away");
  });
  expect(await cache.lookup("a")).toMatchObject({ value: [1], tier: "memory" });
});

test("clone gives a factory that refreshes early a copy of what is in memory", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using writer = new HybridCache(redis, { memory: false });
  // waits: a factory whose time is measured must take some
  await writer.getOrSet("a", () => new Promise((resolve) => setTimeout(resolve, 50, [1])), { ttl: 60_000 });
  await using cache = new HybridCache(redis, { memory: { clone: true }, random: () => 1 - 2 ** -50, beta: 100 });
  await cache.start();
  const failed = next(cache, "failed");
  const read = cache.getOrSet<number[]>("a", ({ stale }) => {
    stale?.push(2);
    throw new Error("away");
  });
  await failed;
  expect(await read).toEqual([1]);
});

test("set stores bytes under the json codec as it does without clone", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  const read = async (prefix: string, clone: boolean): Promise<unknown> => {
    await using cache = new HybridCache(redis, { prefix, memory: { clone } });
    await cache.set("a", Uint8Array.of(1));
    await using other = new HybridCache(redis, { prefix });
    return await other.get("a");
  };
  expect(await read("p", true)).toEqual(await read("q", false));
});

test("clone refuses what cannot be cloned, and lets go of the lead", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using cache = new HybridCache(redis, { memory: { clone: true } });
  await cache.start();
  await expect(cache.getOrSet("a", () => ({ call: () => 1 }))).rejects.toThrow("could not be cloned");
  expect(await redis.send(["KEYS", "*lease*"], { resend: "ok" })).toEqual([]);
});
