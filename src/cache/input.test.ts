import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { BoundedCache, bytes, compressed, HybridCache, json } from "./index.ts";

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

test("text that was cut within a character is no key and no tag: as bytes all such halves are alike", async () => {
  await using cache = new HybridCache(redis);
  const bounded = new BoundedCache(redis, "halves");
  const [cut, whole] = ["a\u{1f600}".slice(0, 2), "a\u{1f600}"];
  await expect(cache.set(cut, 1)).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining("cut within"),
  });
  await expect(cache.getOrSet(cut, () => 1)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  await expect(cache.invalidateTag(cut)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  await expect(bounded.set(cut, 1)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  await cache.set(whole, 1, { tags: [whole] });
  expect(await cache.get(whole)).toBe(1);
});

test("one key is not taken for a list of its letters", async () => {
  await using cache = new HybridCache(redis);
  await cache.set("l", 1);
  await expect(cache.getMany("letters")).rejects.toMatchObject({ message: expect.stringContaining('["letters"]') });
  await expect(cache.removeMany("letters")).rejects.toMatchObject({ code: "INPUT_INVALID" });
  expect(await cache.get("l")).toBe(1);
});

test("getOrSet refuses what is no factory and no signal before anything runs", async () => {
  await using cache = new HybridCache(redis);
  const message = expect.stringContaining("getOrSet: factory must be a function, not");
  await expect(cache.getOrSet("a", { ttl: 5 } as never)).rejects.toMatchObject({ code: "INPUT_INVALID", message });
  let runs = 0;
  const fail = (): never => {
    runs++;
    throw new Error("nobody waits for this");
  };
  const signal = new AbortController() as never;
  await expect(cache.getOrSet("a", fail, { signal })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(cache.set("a", 1, { signal: AbortSignal.abort() } as never)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
  expect(runs).toBe(0);
});

test("a promise that nobody awaited is no value", async () => {
  await using cache = new HybridCache(redis);
  const bounded = new BoundedCache(redis, "promises");
  const load = async (): Promise<number> => 1;
  for (const storing of [cache.set("a", load()), cache.setMany([["a", load()]]), bounded.set("a", load())]) {
    await expect(storing).rejects.toMatchObject({ code: "INPUT_INVALID", message: expect.stringContaining("await this one") });
  }
  expect(await cache.lookup("a")).toEqual({ outcome: "miss" });
  expect(await cache.getOrSet("a", async () => await load())).toBe(1);
});

test("a caller whose signal has fired begins nothing", async () => {
  await using cache = new HybridCache(redis);
  let runs = 0;
  const reason = new Error("gone");
  await expect(cache.getOrSet("aborted", () => ++runs, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  // It waits for what runs.
  await cache.stop();
  expect(runs).toBe(0);
});

test("a factory cannot give a value a longer time to live than an option can", async () => {
  await using cache = new HybridCache(redis);
  const load = ({ ttl }: { ttl(time: "100d"): void }): void => ttl("100d");
  await expect(cache.set("long", 1, { ttl: "100d" })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(cache.getOrSet("long", load)).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining("100d"),
  });
});

test("compressed refuses options that it does not have, values they cannot have, and what is no codec", () => {
  expect(() => compressed(json, { treshold: 1 } as never)).toThrow('Did you mean "threshold"?');
  expect(() => compressed(json, { threshold: "4k" as never })).toThrow("compressed.threshold must be");
  expect(() => compressed(json, { algorithm: "zstd" as never })).toThrow('compressed.algorithm must be one of "gzip", "brotli"');
  expect(() => compressed({ threshold: 1 } as never)).toThrow("{ encode, decode }");
});

test("a codec that makes neither bytes nor text is told so, and nothing is stored", async () => {
  for (const made of [undefined, 5, new ArrayBuffer(3), new Uint16Array(2)]) {
    const codec = { encode: () => made as never, decode: () => "decoded" };
    for (const outer of [codec, compressed(codec, { threshold: 0 })]) {
      await using cache = new HybridCache(redis, { codec: outer, memory: false });
      await expect(cache.set("made", 1)).rejects.toThrow("must answer a Uint8Array or text");
      await expect(cache.getOrSet("made", () => 1)).rejects.toThrow("must answer a Uint8Array or text");
      expect(await cache.lookup("made")).toEqual({ outcome: "miss" });
      const bounded = new BoundedCache(redis, "made", { codec: outer });
      await expect(bounded.set("made", 1)).rejects.toThrow("must answer a Uint8Array or text");
      expect(await bounded.has("made")).toBe(false);
    }
  }
});

test("what a bounded cache cannot read, since another codec wrote it, counts as missing", async () => {
  await new BoundedCache(redis, "codecs", { codec: bytes }).set("a", "{ no json");
  const cache = new BoundedCache(redis, "codecs");
  expect(await cache.get("a")).toBeUndefined();
  await cache.set("a", "json");
  expect(await cache.get("a")).toBe("json");
  expect(await new BoundedCache(redis, "codecs", { codec: compressed() }).get("a")).toBeUndefined();
});
