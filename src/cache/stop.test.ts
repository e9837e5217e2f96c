import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { gate } from "./fixtures/index.ts";
import { CacheTimeoutError, HybridCache, type HybridCacheOptions } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
let prefix: string;
let open: HybridCache[];

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});
beforeEach(() => {
  prefix = `c-${randomUUID()}`;
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((cache) => cache.stop()));
});

function make(options: HybridCacheOptions = {}): HybridCache {
  const cache = new HybridCache(redis, { prefix, ...options });
  open.push(cache);
  return cache;
}

test("a cache that was stopped, also before it ran, sees at once what others change", async () => {
  for (const ran of [true, false]) {
    const [cache, other] = [make(), make()];
    if (ran) await cache.start();
    await cache.stop();
    for (const change of [
      () => other.set("a", "new"),
      () => other.remove("a"),
      () => other.invalidateTag("t"),
      () => other.clear(),
    ]) {
      await cache.set("a", "old", { tags: ["t"] });
      expect(await cache.lookup("a")).toEqual({ outcome: "hit", value: "old", tier: "redis" });
      await change();
      expect(await cache.get("a")).not.toBe("old");
    }
    expect(cache.stats().memory).toMatchObject({ hits: 0, entries: 0 });
  }
});

test("what is in memory is not served while stop runs", async () => {
  const cache = make();
  await cache.start();
  await cache.set("a", 1);
  const stopping = cache.stop();
  expect(await cache.lookup("a")).toMatchObject({ tier: "redis" });
  await stopping;
});

test("stop waits for a factory that its caller gave up, and its value is stored", async () => {
  const [cache, other] = [make(), make()];
  await cache.start();
  const { passed, open: go } = gate<string>();
  const running = gate();
  const slow = (): Promise<string> => {
    running.open();
    return passed;
  };
  await expect(cache.getOrSet("a", slow, { hardTimeout: 10 })).rejects.toBeInstanceOf(CacheTimeoutError);
  await running.passed;
  const order: string[] = [];
  cache.on("filled", ({ stored }) => order.push(stored ? "stored" : "lost"));
  const stopping = cache.stop().then(() => order.push("stopped"));
  // Meanwhile a stop that waits for nothing would be over.
  for (let turn = 0; turn < 5; turn++) expect(await other.has("a")).toBe(false);
  go("late");
  await stopping;
  expect(order).toEqual(["stored", "stopped"]);
  expect(await other.get("a")).toBe("late");
});

test("stop waits for a flight that still reads Redis, and its value is stored", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  const cache = new HybridCache(redis);
  await cache.start();
  const order: string[] = [];
  cache.on("filled", ({ stored }) => order.push(stored ? "stored" : "lost"));
  const { passed, open } = gate<number>();
  const value = cache.getOrSet("a", () => passed);
  const stopping = cache.stop().then(() => order.push("stopped"));
  for (let turn = 0; turn < 5; turn++) await redis.send(["PING"], { resend: "ok" });
  open(1);
  expect(await value).toBe(1);
  await stopping;
  expect(order).toEqual(["stored", "stopped"]);
});
