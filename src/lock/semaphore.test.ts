import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { keysWithoutTtl } from "./fixtures/index.ts";
import { Semaphore, type SemaphoreOptions } from "./index.ts";
import { semaphoreKeys } from "./keys.ts";
import { acquirePermit, extendPermit, inspectPermits, releasePermit } from "./scripts.gen.ts";

let server: RedisServer;
let redis: RedisPort;
let nodeRedis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
  nodeRedis = await connect(server.url, { client: "node-redis" });
});

afterAll(async () => {
  await redis?.close();
  await nodeRedis?.close();
  await server?.stop();
});

test("200 callers of two programs are let in so many at a time, and all of them", async () => {
  const semaphores = [new Semaphore(redis, { limit: 7, wait: "14s" }), new Semaphore(nodeRedis, { limit: 7, wait: "14s" })];
  let inside = 0;
  let most = 0;
  let served = 0;
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      (semaphores[index % 2] as Semaphore).using("printer", async () => {
        most = Math.max(most, ++inside);
        await redis.send(["PING"], { resend: "ok" });
        served++;
        inside--;
      }),
    ),
  );
  expect([most, served]).toEqual([7, 200]);
  expect(await semaphores[0]?.inspect("printer")).toEqual({ taken: 0, holders: [] });
});

test("a permit is held, extended by itself, looked at and released as a lease is", async () => {
  const semaphore = new Semaphore(redis, { limit: 2, lease: 300, wait: 0, owner: "me" });
  const [one, two] = await Promise.all([semaphore.acquire("pool"), semaphore.acquire("pool")]);
  expect(one.token).not.toBe(two.token);
  const { taken, holders } = await semaphore.inspect("pool");
  expect([taken, holders.length]).toEqual([2, 2]);
  expect(holders.map(({ owner }) => owner).sort()).toEqual([one.owner, two.owner].sort());
  await expect(semaphore.acquire("pool")).rejects.toMatchObject({ code: "LOCK_HELD" });
  const endsAt = performance.now() + 600;
  await expect.poll(() => performance.now()).toBeGreaterThan(endsAt);
  one.assert();
  expect((await semaphore.inspect("pool")).taken).toBe(2);
  expect(await one.release()).toBe("released");
  expect(await semaphore.tryAcquire("pool")).toMatchObject({ granted: true });
  await two.release();
});

test("a lowered limit counts for who comes, and sends nobody away", async () => {
  const wide = new Semaphore(redis, { limit: 3, wait: 0 });
  const narrow = new Semaphore(redis, { limit: 1, wait: 0 });
  const all = await Promise.all([1, 2, 3].map(() => wide.acquire("narrowed")));
  await all[0]?.release();
  expect(await narrow.tryAcquire("narrowed")).toMatchObject({ granted: false });
  for (const held of all.slice(1)) held.assert();
  for (const held of all.slice(1)) expect(await held.release()).toBe("released");
  const only = await narrow.acquire("narrowed");
  expect(await only.release()).toBe("released");
});

test("options that cannot be used are refused", () => {
  expect(() => new Semaphore(redis, {} as SemaphoreOptions)).toThrow("Semaphore.limit must be given");
  expect(() => new Semaphore(redis, { limit: 0 })).toThrow("Semaphore.limit");
});

test("a semaphore does what a model of it does: short leases never end long ones, and no more than the limit is in", async () => {
  const owner = fc.constantFrom("a", "b", "c", "d", "e");
  const step = fc.record({
    verb: fc.constantFrom("take" as const, "take" as const, "give" as const, "extend" as const),
    owner,
    leaseMs: fc.integer({ min: 5_000, max: 60_000 }),
    limit: fc.integer({ min: 1, max: 3 }),
    passes: fc.integer({ min: 0, max: 20_000 }),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const keys = semaphoreKeys(`model:${++round}`);
      const { permits } = keys;
      const ends = new Map<string, number>();
      // Ahead of the real clock, so that keys do not expire while the test turns its own.
      let now = Date.now() + 86_400_000;
      for (const each of steps) {
        now += each.passes;
        for (const [who, end] of ends) if (end <= now) ends.delete(who);
        const args = { owner: each.owner, leaseMs: each.leaseMs, fenceMs: 3_600_000, now };
        if (each.verb === "take") {
          const reply = await run(redis, acquirePermit, keys, { ...args, limit: each.limit });
          const granted = ends.has(each.owner) || ends.size < each.limit;
          expect(reply.outcome).toBe(granted ? "granted" : "held");
          if (granted) ends.set(each.owner, now + each.leaseMs);
          if (reply.outcome === "held") expect(reply.retryInMs).toBe(Math.min(...ends.values()) - now);
        } else if (each.verb === "give") {
          expect(await run(redis, releasePermit, { permits }, { owner: each.owner, now })).toBe(ends.delete(each.owner));
        } else {
          const held = ends.get(each.owner);
          expect(await run(redis, extendPermit, keys, { ...args, token: 1n })).toBe(held !== undefined);
          if (held !== undefined) ends.set(each.owner, Math.max(held, now + each.leaseMs));
        }
        await redis.send(["PEXPIRE", permits, "60000"], { resend: "ok" });
        const seen = await run(redis, inspectPermits, { permits }, { limit: 10, now });
        expect(new Map(seen.holders.map(({ owner: who, endsAt }) => [who, endsAt]))).toEqual(ends);
        expect(seen.taken).toBe(ends.size);
      }
    }),
    { numRuns: 60 },
  );
  expect(await keysWithoutTtl(redis)).toEqual([]);
});
