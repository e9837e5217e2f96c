import { expect, test } from "vitest";
import { neverAsked as redis } from "../../test/support/never-asked.ts";
import { connect } from "../client/index.ts";
import { BoundedCache, compressed, HybridCache, json } from "./index.ts";

const any = (value: unknown): never => value as never;

test.each([
  ["an option of compression, misspelt", () => compressed(json, any({ treshold: 1 })), "OPTION_UNKNOWN", '"threshold"'],
  ["an algorithm that is none", () => compressed(json, any({ algorithm: "lz4" })), "OPTION_INVALID", 'not "lz4"'],
  ["a threshold that is none", () => compressed(json, any({ threshold: "4k" })), "OPTION_INVALID", "compressed.threshold"],
  ["a codec to compress that is none", () => compressed(any("json")), "INPUT_INVALID", "{ encode, decode }"],
  ["a value that JSON cannot hold", () => new BoundedCache(redis, "b").set("a", 1n), "INPUT_INVALID", "BigInt"],
])("%s is refused before Redis is asked", async (_, call, code, says) => {
  const error = await (async () => call())().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
});

test("a factory that is none is refused, and hides behind no stale value", async () => {
  await using redis = await connect("memory:");
  await using cache = new HybridCache(redis, { failSafe: "1h", memory: false });
  await cache.set("a", 1);
  await cache.expire("a");
  for (const factory of [5, Promise.resolve(5), undefined]) {
    await expect(cache.getOrSet("a", any(factory))).rejects.toMatchObject({ code: "INPUT_INVALID", field: "factory" });
  }
  expect(cache.stats()).toMatchObject({ factory: { errors: 0 } });
});

test("a value that cannot be encoded is refused by name, whether it is given or computed", async () => {
  await using redis = await connect("memory:");
  await using cache = new HybridCache(redis);
  const says = { code: "INPUT_INVALID", field: "value", message: expect.stringContaining("BigInt") };
  await expect(cache.set("a", 1n)).rejects.toMatchObject(says);
  await expect(cache.getOrSet("a", () => 1n)).rejects.toMatchObject(says);
  await expect(cache.set("a", () => 1)).rejects.toThrow("JSON cannot hold a function");
});
