import { expect, test } from "vitest";
import { connect } from "../client/index.ts";
import { startRedis } from "../testing/index.ts";
import { BoundedCache } from "./index.ts";
import { boundedKeys } from "./keys.ts";

test("a hit right after the server evicted the counters leaves no key that never ends", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  const cache = new BoundedCache(redis, "b", { touch: "1h" });
  const { stats } = boundedKeys("b");
  await cache.set("a", 1);
  await redis.send(["DEL", stats], { resend: "ok" });
  await cache.get("a");
  expect(await redis.send(["PTTL", stats], { resend: "ok" })).toBeGreaterThan(0);
});

test("a value whose expiry the server evicted is not served after its end, though nothing was set since", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url);
  let clock = Date.now();
  const cache = new BoundedCache(redis, "b", { now: () => clock });
  await cache.set("a", 1, { ttl: "1s" });
  await redis.send(["DEL", boundedKeys("b").expiry], { resend: "ok" });
  clock += 5_000;
  expect(await cache.get("a")).toBeUndefined();
});
