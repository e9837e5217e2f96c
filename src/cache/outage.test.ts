import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { ScriptError } from "../script/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { next } from "./fixtures/index.ts";
import { BoundedCache, HybridCache, type HybridCacheOptions } from "./index.ts";
import * as scripts from "./scripts.gen.ts";

let server: RedisServer;
let proxy: FaultProxy;
let redis: RedisPort;
let direct: RedisPort;
let open: HybridCache[];

beforeEach(async () => {
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
  [redis, direct] = await Promise.all([connect(proxy.url), connect(server.url)]);
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((cache) => cache.stop()));
  await Promise.all([redis.close(), direct.close()]);
  await proxy.close();
  await server.stop();
});

async function make(port: RedisPort, options: HybridCacheOptions = {}): Promise<HybridCache> {
  const cache = new HybridCache(port, options);
  open.push(cache);
  await cache.start();
  return cache;
}

const callOf =
  ({ sha }: { readonly sha: string }) =>
  (words: readonly string[]): boolean =>
    words[1] === sha;

test("a lost reply to the reading keeps the lead, to the filling stores the value; the factory runs once", async () => {
  const cache = await make(redis);
  const other = await make(direct);
  // The scripts are loaded, so that the reply that gets lost is theirs.
  await cache.getOrSet("warm", () => 0);
  for (const script of [scripts.read, scripts.fill]) {
    const { name } = script;
    const dropped = proxy.dropNextReply({ of: callOf(script) });
    let runs = 0;
    expect(await cache.getOrSet(name, () => ++runs)).toBe(1);
    await dropped;
    expect(runs).toBe(1);
    expect(await other.get(name)).toBe(1);
  }
});

test("a lost reply to a removal or an invalidation is asked for again; to a set it is an error that says maybe", async () => {
  const cache = await make(redis);
  const other = await make(direct, { memory: false });
  await cache.set("a", 1, { tags: ["t"] });
  await cache.remove("none");
  await cache.invalidateTag("none");
  for (const [script, change] of [
    [scripts.remove, () => cache.remove("a")],
    [scripts.invalidate, () => cache.invalidateTag("t")],
  ] as const) {
    await other.set("a", 1, { tags: ["t"] });
    const dropped = proxy.dropNextReply({ of: callOf(script) });
    await change();
    await dropped;
    expect(await other.has("a")).toBe(false);
  }
  const dropped = proxy.dropNextReply({ of: callOf(scripts.write) });
  await expect(cache.set("a", 2)).rejects.toMatchObject({ applied: "maybe" });
  await dropped;
  // Whether it was stored is Redis' to say: memory says nothing.
  expect(await cache.lookup("a")).toEqual({ outcome: "hit", value: 2, tier: "redis" });
});

test("a bounded cache counts once what was run once, though its reply was lost", async () => {
  const cache = new BoundedCache(redis, "b");
  await cache.set("a", 1);
  await cache.get("a");
  for (const [script, call] of [
    [scripts.boundedGet, () => cache.get("a")],
    [scripts.boundedSet, () => cache.set("a", 2)],
  ] as const) {
    const dropped = proxy.dropNextReply({ of: callOf(script) });
    await expect(call()).rejects.toMatchObject({ applied: "maybe" });
    await dropped;
  }
  expect(await cache.stats()).toMatchObject({ entries: 1, hits: 2, misses: 0 });
});

test("SCRIPT FLUSH is not noticed", async () => {
  const cache = await make(redis, { memory: false });
  const bounded = new BoundedCache(redis, "b");
  for (let turn = 0; turn < 2; turn++) {
    await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
    expect(await cache.getOrSet("a", () => 1, { tags: ["t"] })).toBe(1);
    await bounded.set("a", 1);
    await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
    expect(await bounded.get("a")).toBe(1);
    await cache.invalidateTag("t");
    expect(await cache.has("a")).toBe(false);
  }
});

test("a subscription that was lost and is back empties memory: what was changed meanwhile was not heard", async () => {
  const cache = await make(redis);
  await cache.set("a", "old");
  expect(await cache.lookup("a")).toMatchObject({ tier: "memory" });
  const flushed = next(cache, "flushed");
  await direct.send(["CLIENT", "KILL", "TYPE", "pubsub"], { resend: "ok" });
  await (await make(direct, { memory: false })).set("a", "new");
  expect(await flushed).toEqual({ reason: "restored" });
  expect(await cache.lookup("a")).toEqual({ outcome: "hit", value: "new", tier: "redis" });
});

test("while Redis is away memory and factories go on, changes fail and say so, and all is well when it is back", async () => {
  const cache = await make(redis, { timeout: 150, failSafe: "1h" });
  await cache.set("a", "kept");
  await cache.set("ended", "last seen", { ttl: 1 });
  const away = next(cache, "unavailable");
  await server.kill();
  expect(await cache.getOrSet("a", () => "computed")).toBe("kept");
  const startedAt = performance.now();
  let runs = 0;
  const load = (): string => `computed ${++runs}`;
  const callers = await Promise.all(Array.from({ length: 200 }, () => cache.getOrSet("b", load)));
  expect([new Set(callers), runs]).toEqual([new Set(["computed 1"]), 1]);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await cache.getOrSet("b", load)).toBe("computed 1");
  expect((await away).error).toBeInstanceOf(ScriptError);
  expect(await cache.get("unknown")).toBeUndefined();
  const fail = (): never => {
    throw new Error("the source is away too");
  };
  expect(await cache.getOrSet("ended", fail)).toBe("last seen");
  await expect(cache.getOrSet("c", fail)).rejects.toThrow("away too");
  await expect(cache.set("a", "new")).rejects.toBeInstanceOf(ScriptError);
  await expect(cache.remove("a")).rejects.toBeInstanceOf(ScriptError);
  await expect(cache.invalidateTag("t")).rejects.toBeInstanceOf(ScriptError);

  const flushed = next(cache, "flushed", ({ reason }) => reason === "restored");
  await server.restart();
  await flushed;
  await expect
    .poll(() =>
      cache.set("a", "again").then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  const other = await make(direct);
  await expect.poll(() => other.get("a")).toBe("again");
});

test("a Redis that hangs costs a caller its deadline, and nothing else", async () => {
  const cache = await make(redis, { timeout: 100 });
  proxy.blackHole();
  const startedAt = performance.now();
  expect(await cache.getOrSet("a", () => 1)).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  await proxy.heal();
});

test("nothing is asked before the first use, and nobody listens after stop", async () => {
  const listeners = (): Promise<unknown> => direct.send(["PUBSUB", "NUMSUB", "lazy:changes"], { resend: "ok" });
  const cache = new HybridCache(redis, { prefix: "lazy" });
  expect(await listeners()).toEqual(["lazy:changes", 0]);
  expect(await cache.getOrSet("a", () => 1)).toBe(1);
  await expect.poll(listeners).toEqual(["lazy:changes", 1]);
  await cache.stop();
  await expect.poll(listeners).toEqual(["lazy:changes", 0]);
  // It still answers, from Redis each time, and listens no more.
  expect(await cache.lookup("a")).toMatchObject({ tier: "redis" });
  expect(await cache.lookup("a")).toMatchObject({ tier: "redis" });
  expect(await listeners()).toEqual(["lazy:changes", 0]);
  await cache.stop();
  await cache.start();
  await cache.get("a");
  expect(await cache.lookup("a")).toMatchObject({ tier: "memory" });
  await cache.stop();
});
