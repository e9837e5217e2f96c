import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { gate } from "./fixtures/index.ts";
import { HybridCache } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

/** A codec that takes as long as it is told for the values that are named. */
function slowFor(
  value: string,
  passed: Promise<void>,
): { encode(made: unknown): Promise<string>; decode(stored: Uint8Array): unknown } {
  return {
    encode: async (made) => {
      if (made === value) await passed;
      return JSON.stringify(made);
    },
    decode: (stored) => JSON.parse(Buffer.from(stored).toString()),
  };
}

test("changes of a key take effect in the order they were asked for, however long each value takes to be made bytes", async () => {
  const { passed, open: go } = gate();
  for (const memory of [{}, false] as const) {
    await using cache = new HybridCache(redis, { prefix: `codec-${memory}`, memory, codec: slowFor("slow", passed) });
    // Once, so that the scripts are loaded.
    await cache.set("a", "first");
    await cache.remove("a");
    const changes = [
      [cache.set("a", "slow"), cache.set("a", "last")],
      [cache.set("b", "slow"), cache.remove("b")],
      [cache.set("c", "slow"), cache.remove("c"), cache.set("c", "last")],
    ];
    // What is not of the same key does not wait.
    await cache.set("d", "other");
    go();
    await Promise.all(changes.flat());
    expect(await Promise.all(["a", "b", "c", "d"].map((key) => cache.get(key)))).toEqual(["last", undefined, "last", "other"]);
  }
});

test("a value whose tags must be asked for is not stored after one that was set later", async () => {
  await using cache = new HybridCache(redis, { prefix: "tags" });
  await cache.set("other", 1);
  await Promise.all([cache.set("a", "first", { tags: ["new"] }), cache.set("a", "last")]);
  expect(await cache.get("a")).toBe("last");
});

test("what is stored is the value as it was when it was set, whatever its caller does with it before that is awaited", async () => {
  for (const memory of [false, { clone: true }] as const) {
    await using cache = new HybridCache(redis, { prefix: `changed-${memory === false}`, memory });
    const value = { n: 1 };
    // The first: the epoch of the cache has to be asked for.
    const storing = cache.set("a", value);
    value.n = 2;
    await storing;
    await using other = new HybridCache(redis, { prefix: `changed-${memory === false}` });
    expect(await Promise.all([cache.get("a"), other.get("a")])).toEqual([{ n: 1 }, { n: 1 }]);
  }
});

test("a value that cannot be made bytes while Redis is away is one error, and no rejection that nobody hears", async () => {
  const away = await startRedis();
  await using port = await connect(away.url);
  await using cache = new HybridCache(port, {
    timeout: 50,
    codec: { encode: () => Promise.reject(new Error("no bytes")), decode: () => 1 },
  });
  await away.stop();
  await expect(cache.set("a", 1)).rejects.toMatchObject({ name: "ScriptError" });
});

test("a change that fails before it is sent holds up none that follows", async () => {
  await using cache = new HybridCache(redis, { prefix: "failing", maxBytes: 100 });
  const failing = cache.set("a", "x".repeat(200));
  const following = cache.set("a", "fits");
  await expect(failing).rejects.toMatchObject({ code: "CACHE_TOO_LARGE" });
  await following;
  expect(await cache.get("a")).toBe("fits");
});
