import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type CacheEvents, HybridCache } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;

beforeEach(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterEach(async () => {
  await redis.close();
  await server.stop();
});

/** What a cache told, by name. */
function told(cache: HybridCache, ...names: readonly (keyof CacheEvents)[]): unknown[] {
  const events: unknown[] = [];
  for (const name of names) cache.on(name, (event) => events.push([name, event]));
  return events;
}

test("clear is told once: that all is invalid, and that memory was emptied", async () => {
  await using cache = new HybridCache(redis);
  await cache.start();
  const events = told(cache, "flushed", "invalidated");
  await cache.clear();
  expect(events).toEqual([
    ["flushed", { reason: "cleared" }],
    ["invalidated", { tag: "", from: "here" }],
  ]);
});

test("a removal or an invalidation that failed is not told as done; memory forgets all the same", async () => {
  await using cache = new HybridCache(redis, { timeout: 100 });
  await cache.start();
  await cache.set("a", 1, { tags: ["t"] });
  const events = told(cache, "invalidated");
  await server.kill();
  for (const change of [() => cache.remove("a"), () => cache.expire("a"), () => cache.invalidateTag("t"), () => cache.clear()]) {
    await expect(change()).rejects.toMatchObject({ name: "ScriptError" });
  }
  expect(events).toEqual([]);
  expect(cache.stats().memory.entries).toBe(0);
});

test("each miss that is counted is told, whoever asks", async () => {
  await using cache = new HybridCache(redis, { failSafe: "1h" });
  await cache.start();
  await cache.set("ended", 1);
  await cache.expire("ended");
  const events = told(cache, "miss");
  await cache.get("none");
  await cache.has("ended");
  await cache.getMany(["other"]);
  await cache.getOrSet("none", () => 1);
  expect(events).toEqual(["none", "ended", "other", "none"].map((key) => ["miss", { key }]));
  expect(cache.stats().redis.misses).toBe(4);
});

test("a reading that neither Redis nor the factory answers is one reading, though memory stands in", async () => {
  await using cache = new HybridCache(redis, { timeout: 100, failSafe: "1h" });
  await cache.start();
  await cache.set("a", "seen", { ttl: 1 });
  const storedAt = performance.now();
  await server.kill();
  const fail = (): never => {
    throw new Error("the source is away too");
  };
  // waits: for the millisecond that the value lives
  await expect.poll(() => performance.now(), { interval: 1 }).toBeGreaterThan(storedAt + 2);
  expect(await cache.getOrSet("a", fail)).toBe("seen");
  const { memory, redis: tier, hitRatio } = cache.stats();
  expect([memory.misses, memory.stale, tier.misses]).toEqual([1, 1, 1]);
  expect(hitRatio).toBe(0);
});
