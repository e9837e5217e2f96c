import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { everything, writeEntry } from "./entry-format.ts";
import { gate, next } from "./fixtures/index.ts";
import { HybridCache } from "./index.ts";
import { entryKeys } from "./keys.ts";
import { draw } from "./parts.ts";
import { read } from "./scripts.gen.ts";

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

const deltaMs = 1_000;
const readsPerDelta = 40;
const cycles = 120;

/**
 * Lets the end of an entry come near, with a reading every 1/40 of its recompute time, and counts the readings that refresh it
 * early from the first of them until that one's value would be there.
 */
async function refreshes(beta: number, leases: boolean, random: () => number): Promise<readonly number[]> {
  const { value, lease } = entryKeys("cache", `${beta}-${leases}`);
  const entry = writeEntry({
    graceMs: 0,
    deltaMs,
    stamp: 1,
    slidingMs: 0,
    bonds: [{ tag: everything, epoch: "aaaaaaaaaaaa" }],
    payload: "1",
  });
  const counts: number[] = [];
  await redis.send(["SCRIPT", "LOAD", read.lua], { resend: "ok" });
  for (let cycle = 0; cycle < cycles; cycle++) {
    await redis.send(["SET", value, entry], { resend: "ok" });
    await redis.send(["DEL", lease], { resend: "ok" });
    let count = 0;
    let until = Number.NEGATIVE_INFINITY;
    const step = deltaMs / readsPerDelta;
    for (let gap = 8 * beta * deltaMs; gap > step && gap > until; ) {
      const commands: string[][] = [];
      const gaps: number[] = [];
      for (; commands.length < 3 * readsPerDelta && gap > step; gap -= step) {
        gaps.push(gap);
        commands.push(["PEXPIRE", value, String(gap)]);
        commands.push(["EVALSHA", read.sha, "2", value, lease, `${cycle}-${gap}.`, "60000", String(draw(beta, random)), "1", ""]);
        commands.push(leases ? ["PING"] : ["DEL", lease]);
      }
      const replies = await redis.batch(commands, { resend: "never" });
      for (const [index, at] of gaps.entries()) {
        if ((replies[3 * index + 1] as readonly string[])[0] !== "early" || at <= until) continue;
        if (count++ === 0) until = at - deltaMs;
      }
    }
    counts.push(count);
  }
  return counts;
}

test.each([1, 2])("an entry is refreshed early e^(1/β) times where nothing holds others back, β = %i", async (beta) => {
  const counts = await refreshes(beta, false, mulberry32(11));
  const mean = counts.reduce((sum, count) => sum + count, 0) / cycles;
  // One, and in the meantime a Poisson number of others whose mean is itself exponential, with mean m.
  const m = Math.exp(1 / beta) - 1;
  const error = Math.sqrt((m + m * m) / cycles);
  expect(Math.abs(mean - Math.exp(1 / beta))).toBeLessThan(3 * error);
});

test("and once with the lease", async () => {
  expect(new Set(await refreshes(1, true, mulberry32(12)))).toEqual(new Set([1]));
});

test("200 readers of four caches refresh an entry once, and none of them waits", async () => {
  const ports = await Promise.all(Array.from({ length: 4 }, () => connect(server.url)));
  // Drawn so high that every reading comes early enough to refresh.
  const caches = ports.map((port) => new HybridCache(port, { prefix: "early", memory: false, random: () => 1 - 2 ** -50 }));
  const [leader] = caches as [HybridCache];
  // waits: a factory whose time is measured must take some
  const slow = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 50, "old"));
  await leader.getOrSet("a", slow, { ttl: 1_500 });
  const { passed, open: go } = gate<string>();
  let runs = 0;
  const again = (): Promise<string> => {
    runs++;
    return passed;
  };
  const read = (): Promise<unknown[]> =>
    Promise.all(caches.flatMap((cache) => Array.from({ length: 50 }, () => cache.getOrSet("a", again, { ttl: "1h" }))));
  expect(new Set(await read())).toEqual(new Set(["old"]));
  expect(new Set(await read())).toEqual(new Set(["old"]));
  expect(runs).toBe(1);
  const filled = Promise.race(caches.map((cache) => next(cache, "filled")));
  go("new");
  expect(await filled).toMatchObject({ stored: true });
  expect(await leader.get("a")).toBe("new");
  expect(caches.reduce((sum, cache) => sum + cache.stats().redis.early, 0)).toBe(1);
  await Promise.all(caches.map((cache) => cache.stop()));
  await Promise.all(ports.map((port) => port.close()));
});

test("a refresh that fails is not tried again for as long as throttle, and the value stays", async () => {
  const cache = new HybridCache(redis, { prefix: "failing", memory: false, random: () => 1 - 2 ** -50 });
  // waits: a factory whose time is measured must take some
  await cache.getOrSet("a", () => new Promise((resolve) => setTimeout(resolve, 50, "kept")), { ttl: 1_500 });
  let runs = 0;
  const fail = (): never => {
    runs++;
    throw new Error("away");
  };
  for (let turn = 0; turn < 3; turn++) {
    const failed = turn === 0 ? next(cache, "failed") : undefined;
    expect(await cache.getOrSet("a", fail)).toBe("kept");
    await failed;
    await expect.poll(() => redis.send(["GET", "failing:{a}:lease"], { resend: "ok" })).toBe("-");
  }
  expect(runs).toBe(1);
  await cache.stop();
});

test("beta 0 never refreshes early", () => {
  expect(draw(0, () => 0.999_999)).toBe(0);
  expect(draw(1, () => 0)).toBe(-0);
  expect(draw(2, () => 0.5)).toBeCloseTo(2 * Math.LN2);
});

/** A small generator of random numbers, so that every run draws the same. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
