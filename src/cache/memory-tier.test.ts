import { expect, test } from "vitest";
import { connect } from "../client/index.ts";
import { startRedis } from "../testing/index.ts";
import { bytes, HybridCache } from "./index.ts";

test("bytes in memory take as much as they are counted for: not all that came with them from the socket", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using writer = new HybridCache(redis, { codec: bytes, memory: false, timeout: "1m" });
  const keys = Array.from({ length: 200 }, (_, index) => `key ${index}`);
  await writer.setMany(keys.map((key) => [key, Buffer.alloc(100, 1)]));
  await using cache = new HybridCache(redis, { codec: bytes, timeout: "1m" });
  await cache.start();
  const fromMemory = async (): Promise<number> => {
    const { hits } = cache.stats().memory;
    await cache.getMany(keys);
    return cache.stats().memory.hits - hits;
  };
  // waits: for what is told of the writing, which empties memory again
  await expect.poll(fromMemory).toBe(200);
  const kept = [...(await cache.getMany<Buffer>(keys)).values()];
  expect(kept.every((value) => Buffer.isBuffer(value) && value.equals(Buffer.alloc(100, 1)))).toBe(true);
  expect(Math.max(...kept.map(({ buffer }) => buffer.byteLength))).toBeLessThanOrEqual(200);
});

test("values with tags of their own stay in memory, also when there are more tags than values", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  await using cache = new HybridCache(redis, { ttl: "1h", timeout: "1m" });
  await cache.start();
  const keys = Array.from({ length: 320 }, (_, index) => `key ${index}`);
  for (const key of keys) await cache.set(key, 1, { tags: Array.from({ length: 32 }, (_, index) => `${key} ${index}`) });
  await cache.getMany(keys);
  expect(cache.stats().memory).toMatchObject({ hits: 320, misses: 0 });
});
