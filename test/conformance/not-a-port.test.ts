import { Redis } from "ioredis";
import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { Counter, compareAndSwap, getMultiple, Leaderboard, Session } from "../../src/atomic/index.ts";
import { CircuitBreaker } from "../../src/breaker/index.ts";
import { BoundedCache, HybridCache } from "../../src/cache/index.ts";
import { connect } from "../../src/client/index.ts";
import { ioredisPort } from "../../src/client/ioredis/index.ts";
import { nodeRedisPort } from "../../src/client/node-redis/index.ts";
import { createEmbedded } from "../../src/embedded/index.ts";
import { JobStore, Queue } from "../../src/jobs/index.ts";
import { Lock, Redlock, Semaphore } from "../../src/lock/index.ts";
import type { RedisPort } from "../../src/port/index.ts";
import { ConcurrencyLimiter, RateLimiter } from "../../src/rate-limit/index.ts";
import { defineScript, prepare, run, ScriptRegistry } from "../../src/script/index.ts";

const script = defineScript({ name: "one", lua: "return 1", keys: {}, args: {}, reply: "integer", writes: "none" });
const onUnavailable = "closed";

/** Everything that takes a port. */
const takers: Readonly<Record<string, (redis: RedisPort) => unknown>> = {
  Queue: (redis) => new Queue(redis, "q"),
  JobStore: (redis) => new JobStore(redis, "q"),
  Lock: (redis) => new Lock(redis),
  Semaphore: (redis) => new Semaphore(redis, { limit: 1 }),
  Redlock: (redis) => new Redlock([redis, { ...redis }, { ...redis }]),
  RateLimiter: (redis) => new RateLimiter(redis, { name: "a", limit: 1, per: "1m", onUnavailable }),
  ConcurrencyLimiter: (redis) => new ConcurrencyLimiter(redis, { name: "a", limit: 1, onUnavailable }),
  CircuitBreaker: (redis) => new CircuitBreaker(redis, "a"),
  HybridCache: (redis) => new HybridCache(redis),
  BoundedCache: (redis) => new BoundedCache(redis, "a"),
  Counter: (redis) => new Counter(redis, { name: "a", after: "1m" }),
  Leaderboard: (redis) => new Leaderboard(redis, { name: "a" }),
  Session: (redis) => new Session(redis),
  ScriptRegistry: (redis) => new ScriptRegistry(redis),
  one: (redis) => run(redis, script, {}, {}),
  prepare: (redis) => prepare(redis, script),
  "atomic.swap": (redis) => compareAndSwap(redis, "a", { expect: "1", value: "2", ttl: "keep" }),
  "Several keys": (redis) => getMultiple(redis, ["a"]),
};

function ioredis(): Redis {
  const client = new Redis({ lazyConnect: true });
  onTestFinished(() => client.disconnect());
  return client;
}

test.each(Object.entries(takers))("%s refuses what is no port, and says how to make one", async (name, take) => {
  const given = async (redis: unknown): Promise<unknown> => await take(redis as RedisPort);
  await expect(given(ioredis())).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: `${name} needs a port of redlua, not a client of ioredis: make it ioredisPort(client), of "redlua/client/ioredis".`,
  });
});

test.each([
  ["undefined", () => undefined, "not undefined: await connect(url) answers one."],
  ["text", () => "redis://localhost", 'not "redis://localhost": await connect(url) answers one.'],
  ["a client of node-redis", () => createClient(), "not a client of node-redis: make it nodeRedisPort(client)"],
  ["a promise", () => connect("memory:"), "not a promise: await it: await connect(url)."],
  ["an embedded engine", () => createEmbedded(), "not an embedded engine: take its connect()."],
])("%s in place of a port is told for what it is", async (_, make, said) => {
  const given = make();
  expect(() => new Queue(given as never, "q")).toThrow(`Queue needs a port of redlua, ${said}`);
  if (given instanceof Promise) await (await given).close();
});

test("an adapter refuses the client of another library, and a port", async () => {
  await using port = await connect("memory:");
  expect(() => ioredisPort(createClient() as never)).toThrow(
    "ioredisPort takes a client of ioredis: new Redis(url), not a client of node-redis.",
  );
  expect(() => nodeRedisPort(ioredis() as never)).toThrow("node-redis: await createClient().connect(), not a client of ioredis.");
  expect(() => ioredisPort(port as never)).toThrow("not a port of redlua.");
});

test("a port ends with the block that uses it", async () => {
  let left: RedisPort;
  {
    await using redis = await connect("memory:");
    left = redis;
    expect(await redis.send(["PING"], { resend: "ok" })).toBe("PONG");
  }
  await expect(left.send(["PING"], { resend: "ok" })).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
});
