import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type Contract, run, type Script } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { keysWithoutTtl } from "./fixtures/index.ts";
import { Lock } from "./index.ts";
import { lockKeys, semaphoreKeys } from "./keys.ts";
import * as scripts from "./scripts.gen.ts";

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

const hour = 3_600_000;
// Longer than a busy machine takes for all tests: what is compared is all that Redis has.
const minute = 60_000;
const at = 1_700_000_000_000;
let count = 0;
const fresh = (): string => `thing:${++count}`;

function take(resource: string, owner: string, now?: number): Promise<scripts.Acquire["reply"]> {
  const { lease, fence } = lockKeys(resource);
  return run(redis, scripts.acquire, { key: [lease, fence] }, { owner, leaseMs: minute, fenceMs: hour, floor: 0n, now });
}

/** Everything in Redis. */
async function dump(): Promise<unknown> {
  const keys = ((await redis.send(["KEYS", "*"], { resend: "ok" })) as string[]).sort();
  const read: Readonly<Record<string, readonly string[]>> = {
    string: ["GET", "KEY"],
    zset: ["ZRANGE", "KEY", "0", "-1", "WITHSCORES"],
    hash: ["HGETALL", "KEY"],
  };
  return await Promise.all(
    keys.map(async (key) => {
      const type = String(await redis.send(["TYPE", key], { resend: "ok" }));
      const value = await redis.send(
        (read[type] ?? []).map((word) => (word === "KEY" ? key : word)),
        { resend: "ok" },
      );
      return [key, value];
    }),
  );
}

/** Runs a script twice, as after a lost reply, and proves that the second run changed nothing and answered the same. */
async function twice<C extends Contract>(script: Script<C>, keys: C["keys"], args: C["args"]): Promise<C["reply"]> {
  const first = await run(redis, script, keys, args);
  const before = await dump();
  const second = await run(redis, script, keys, args);
  // How long somebody else's lease lasts is a moment less.
  if (typeof second === "object" && second !== null && "retryInMs" in second)
    expect(second).toEqual({ ...(first as object), retryInMs: second.retryInMs });
  else expect(second).toEqual(first);
  expect(await dump()).toEqual(before);
  return first;
}

test("a short permit ends no long one: the key that holds both lives as long as the longest", async () => {
  const keys = semaphoreKeys(fresh());
  const left = async (): Promise<unknown> => await redis.send(["PTTL", keys.permits], { key: keys.permits, resend: "ok" });
  const take = { limit: 2, fenceMs: hour, now: at };
  await run(redis, scripts.acquirePermit, keys, { ...take, owner: "long", leaseMs: hour });
  await run(redis, scripts.acquirePermit, keys, { ...take, owner: "short", leaseMs: 100 });
  expect(await left()).toBeGreaterThan(minute);
  const again = { leaseMs: 100, fenceMs: hour, token: 1n, now: at };
  expect(await run(redis, scripts.extendPermit, keys, { ...again, owner: "short" })).toBe(true);
  // One that lasts longer stays as it is, and so does the key.
  expect(await run(redis, scripts.extendPermit, keys, { ...again, owner: "long" })).toBe(true);
  expect(await left()).toBeGreaterThan(minute);
  const later = await run(redis, scripts.inspectPermits, { permits: keys.permits }, { limit: 9, now: at + 200 });
  expect(later.holders.map(({ owner }) => owner)).toEqual(["long"]);
});

test("a permit is over at the millisecond at which its lease ends", async () => {
  const keys = semaphoreKeys(fresh());
  const lease = { leaseMs: minute, fenceMs: hour };
  await run(redis, scripts.acquirePermit, keys, { ...lease, owner: "me", limit: 1, now: at });
  const extend = (now: number): Promise<boolean> =>
    run(redis, scripts.extendPermit, keys, { ...lease, owner: "me", token: 1n, now });
  expect(await extend(at + minute)).toBe(false);
  expect(await extend(at + minute - 1)).toBe(true);
});

test("an extension makes no lease shorter", async () => {
  const { lease, fence } = lockKeys(fresh());
  await run(redis, scripts.acquire, { key: [lease, fence] }, { owner: "me", leaseMs: hour, fenceMs: hour, floor: 0n });
  const shorter = { owner: "me", leaseMs: 100, fenceMs: 100, token: 1n };
  expect(await run(redis, scripts.extend, { key: [lease, fence] }, shorter)).toBe(true);
  for (const key of [lease, fence]) expect(await redis.send(["PTTL", key], { key, resend: "ok" })).toBeGreaterThan(minute);
});

describe("sent twice, as after a lost reply,", () => {
  test("acquire grants the same token, alone and for several", async () => {
    const [a, b] = [lockKeys(`{${fresh()}}:a`), lockKeys(`{${fresh()}}:a`)];
    const args = { owner: "me", leaseMs: minute, fenceMs: hour, floor: 0n };
    await twice(scripts.acquire, { key: [a.lease, a.fence] }, args);
    const tag = `{${fresh()}}`;
    const many = [lockKeys(`${tag}:a`), lockKeys(`${tag}:b`)].flatMap(({ lease, fence }) => [lease, fence]);
    expect(await twice(scripts.acquire, { key: many }, { ...args, floor: 7n })).toMatchObject({ outcome: "granted" });
    await twice(scripts.acquire, { key: [b.lease, b.fence] }, args);
  });

  test("acquire in turn keeps the same place, and grants the same token", async () => {
    const keys = lockKeys(fresh());
    const args = { leaseMs: minute, fenceMs: hour, ticketMs: minute, now: at };
    expect(await twice(scripts.acquireInTurn, keys, { ...args, owner: "a" })).toMatchObject({ outcome: "granted" });
    expect(await twice(scripts.acquireInTurn, keys, { ...args, owner: "b" })).toMatchObject({ outcome: "held", owner: "a" });
    await twice(scripts.leave, { lease: keys.lease, queue: keys.queue, tickets: keys.tickets }, { owner: "b" });
  });

  test("who leaves the line of a free resource wakes whoever is first then", async () => {
    const { lease, queue, tickets, fence } = lockKeys(fresh());
    const args = { leaseMs: minute, fenceMs: hour, ticketMs: minute, now: at };
    for (const owner of ["holder", "left", "first"]) {
      await run(redis, scripts.acquireInTurn, { lease, queue, tickets, fence }, { ...args, owner });
    }
    const heard: string[] = [];
    const end = await redis.subscribe(lease, { message: (text) => heard.push(text) });
    await run(redis, scripts.leave, { lease, queue, tickets }, { owner: "nobody" });
    await redis.send(["DEL", lease], { resend: "never" });
    await run(redis, scripts.leave, { lease, queue, tickets }, { owner: "left" });
    await expect.poll(() => heard).toEqual(["first"]);
    await end();
  });

  test("extend answers the same, for leases and permits", async () => {
    const { lease, fence } = lockKeys(fresh());
    await run(redis, scripts.acquire, { key: [lease, fence] }, { owner: "me", leaseMs: minute, fenceMs: hour, floor: 0n });
    const args = { owner: "me", leaseMs: minute, fenceMs: hour, token: 9n };
    expect(await twice(scripts.extend, { key: [lease, fence] }, args)).toBe(true);
    expect(await twice(scripts.extend, { key: [lease, fence] }, { ...args, owner: "you" })).toBe(false);
    const keys = semaphoreKeys(fresh());
    await run(redis, scripts.acquirePermit, keys, { owner: "me", limit: 1, leaseMs: minute, fenceMs: hour, now: at });
    expect(await twice(scripts.extendPermit, keys, { ...args, now: at })).toBe(true);
  });

  test("a permit is taken once", async () => {
    const keys = semaphoreKeys(fresh());
    const args = { owner: "me", limit: 2, leaseMs: minute, fenceMs: hour };
    const [first, second] = [
      await run(redis, scripts.acquirePermit, keys, args),
      await run(redis, scripts.acquirePermit, keys, args),
    ];
    expect([first.outcome, second.outcome]).toEqual(["granted", "granted"]);
    expect(await run(redis, scripts.inspectPermits, { permits: keys.permits }, { limit: 10 })).toMatchObject({ taken: 1 });
  });

  test("a fenced write writes the same", async () => {
    await twice(scripts.writeFenced, { record: fresh() }, { token: 5n, ttlMs: "1m", fields: { a: "1", b: "2" } });
  });

  test("a release frees nothing that is somebody else's", async () => {
    const resource = fresh();
    const { lease } = lockKeys(resource);
    await take(resource, "a");
    expect(await run(redis, scripts.release, { lease: [lease] }, { owner: "a" })).toBe(true);
    await take(resource, "b");
    expect(await run(redis, scripts.release, { lease: [lease] }, { owner: "a" })).toBe(false);
    expect(await redis.send(["GET", lease], { resend: "ok" })).toBe("b");
  });
});

describe("tokens grow", () => {
  const tokenOf = (reply: scripts.Acquire["reply"]): bigint => (reply.outcome === "granted" ? reply.token : -1n);

  test("when every key is deleted in between, as a failover or an eviction does", async () => {
    const lock = new Lock(redis);
    let last = 0n;
    for (let round = 0; round < 20; round++) {
      const held = await lock.acquire("evicted");
      expect(held.token).toBeGreaterThan(last);
      last = held.token;
      await redis.send(["DEL", "lock:{evicted}:lease", "lock:{evicted}:fence"], { resend: "ok" });
      await held.release();
    }
  });

  test("when the server's clock is set back by an hour, and by one for each lease then", async () => {
    const resource = fresh();
    const { lease } = lockKeys(resource);
    const first = tokenOf(await take(resource, "a", at));
    expect(first).toBe(BigInt(at) * 1000n);
    await redis.send(["DEL", lease], { resend: "ok" });
    expect(tokenOf(await take(resource, "b", at - hour))).toBe(first + 1n);
    await redis.send(["DEL", lease], { resend: "ok" });
    expect(tokenOf(await take(resource, "c", at + 1))).toBe(first + 1_000n);
  });

  test("beyond one that a clock ahead of this one minted, whoever mints the next", async () => {
    const ahead = 9_000_000_000_000_000n;
    const minted: unknown[] = [];
    const keysAhead = async <Keys extends { readonly fence: string }>(keys: Keys): Promise<Keys> => {
      await redis.send(["SET", keys.fence, String(ahead)], { resend: "ok" });
      return keys;
    };
    const me = { owner: "me", leaseMs: minute, fenceMs: hour };
    const { lease, fence } = await keysAhead(lockKeys(fresh()));
    minted.push(await run(redis, scripts.acquire, { key: [lease, fence] }, { ...me, floor: 0n }));
    await keysAhead({ fence });
    minted.push(await run(redis, scripts.forceRelease, { lease, fence }, { channel: "revoked", fenceMs: hour }));
    const several = await keysAhead(lockKeys("{ahead}:a"));
    const other = lockKeys("{ahead}:b");
    const pairs = [other.lease, other.fence, several.lease, several.fence];
    minted.push(await run(redis, scripts.acquire, { key: pairs }, { ...me, floor: 0n }));
    minted.push(await run(redis, scripts.acquireInTurn, await keysAhead(lockKeys(fresh())), { ...me, ticketMs: 0 }));
    minted.push(await run(redis, scripts.acquirePermit, await keysAhead(semaphoreKeys(fresh())), { ...me, limit: 1 }));
    expect(minted).toEqual(Array(5).fill(expect.objectContaining({ token: ahead + 1n })));
  });

  test("after a restart that lost everything", async () => {
    await using own = await startRedis();
    const port = await connect(own.url);
    const lock = new Lock(port);
    const before = await lock.acquire("restarted");
    await own.restart();
    const after = await lock.acquire("restarted");
    expect(after.token).toBeGreaterThan(before.token);
    await after.release();
    await port.close();
  });
});

test("a lock does what a model of it does, whatever is asked of it in whatever order", async () => {
  const owner = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ verb: fc.constant("take" as const), owner, several: fc.boolean() }),
    fc.record({ verb: fc.constant("give" as const), owner, several: fc.boolean() }),
    fc.record({ verb: fc.constant("extend" as const), owner, several: fc.boolean() }),
    fc.record({ verb: fc.constant("lapse" as const), owner, several: fc.constant(false) }),
    fc.record({ verb: fc.constant("force" as const), owner, several: fc.constant(false) }),
    fc.record({ verb: fc.constant("evict" as const), owner, several: fc.constant(false) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const tag = `{${fresh()}}`;
      const keys = [lockKeys(`${tag}:1`), lockKeys(`${tag}:2`)] as const;
      const holders: (string | undefined)[] = [undefined, undefined];
      let newest = 0n;
      for (const each of steps) {
        const which = each.several ? [0, 1] : [0];
        const pairs = which.flatMap((index) => [keys[index as 0].lease, keys[index as 0].fence]);
        const leases = which.map((index) => keys[index as 0].lease);
        const mine = which.every((index) => holders[index] === each.owner);
        if (each.verb === "take") {
          const args = { owner: each.owner, leaseMs: 60_000, fenceMs: hour, floor: 0n };
          const reply = await run(redis, scripts.acquire, { key: pairs }, args);
          const other = which.map((index) => holders[index]).find((holder) => holder !== undefined && holder !== each.owner);
          expect(reply).toMatchObject(other === undefined ? { outcome: "granted" } : { outcome: "held", owner: other });
          if (reply.outcome === "held") continue;
          for (const index of which) holders[index] = each.owner;
          if (mine) expect(reply.token).toBeLessThanOrEqual(newest);
          else expect(reply.token).toBeGreaterThan(newest);
          if (reply.token > newest) newest = reply.token;
        } else if (each.verb === "give") {
          expect(await run(redis, scripts.release, { lease: leases }, { owner: each.owner })).toBe(mine);
          for (const index of which) if (holders[index] === each.owner) holders[index] = undefined;
        } else if (each.verb === "extend") {
          const args = { owner: each.owner, leaseMs: 60_000, fenceMs: hour, token: newest };
          expect(await run(redis, scripts.extend, { key: pairs }, args)).toBe(mine);
        } else if (each.verb === "lapse") {
          await redis.send(["DEL", keys[0].lease], { resend: "ok" });
          holders[0] = undefined;
        } else if (each.verb === "evict") {
          await redis.send(["DEL", keys[0].lease, keys[0].fence], { resend: "ok" });
          holders[0] = undefined;
        } else {
          const { lease, fence } = keys[0];
          const reply = await run(redis, scripts.forceRelease, { lease, fence }, { channel: "revoked", fenceMs: hour });
          expect(reply).toMatchObject(holders[0] === undefined ? { outcome: "free" } : { outcome: "forced", owner: holders[0] });
          if (reply.outcome === "forced") expect(reply.token > newest || holders[1] !== undefined).toBe(true);
          if (reply.outcome === "forced" && reply.token > newest) newest = reply.token;
          holders[0] = undefined;
        }
        const seen = await Promise.all(keys.map(({ lease }) => redis.send(["GET", lease], { resend: "ok" })));
        expect(seen).toEqual(holders.map((holder) => holder ?? null));
      }
    }),
    { numRuns: 60 },
  );
  expect(await keysWithoutTtl(redis)).toEqual([]);
});
