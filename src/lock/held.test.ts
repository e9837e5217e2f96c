import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Arg, connect, type RedisPort, type SendOptions } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { stall } from "./fixtures/index.ts";
import { type Held, Lock } from "./index.ts";
import { extend } from "./scripts.gen.ts";

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

/** Resolves with the reason when the lease is lost. */
function lossOf({ signal }: Held): Promise<unknown> {
  return new Promise((done) => {
    if (signal.aborted) done(signal.reason);
    signal.addEventListener("abort", () => done(signal.reason));
  });
}

/** The same port, with what is sent overheard. */
function overhearing(port: RedisPort, hear: (words: readonly Arg[]) => void): RedisPort {
  return Object.create(port, {
    traits: { value: port.traits },
    send: {
      value: (words: readonly Arg[], options: SendOptions) => {
        hear(words);
        return port.send(words, options);
      },
    },
    batch: { value: port.batch.bind(port) },
    subscribe: { value: port.subscribe.bind(port) },
  }) as RedisPort;
}

/** Resolves when a lease was extended so often. */
async function extensions(lock: Lock, resource: string, times: number): Promise<void> {
  let before = (await lock.inspect(resource)).remainingMs;
  for (let seen = 0; seen < times; ) {
    const { remainingMs } = await lock.inspect(resource);
    if (remainingMs > before) seen++;
    before = remainingMs;
  }
}

describe("a lease", () => {
  test("is extended by itself for as long as it is held, and not a moment longer", async () => {
    const lock = new Lock(redis, { lease: 300 });
    const held = await lock.acquire("kept");
    await extensions(lock, "kept", 4);
    held.assert();
    expect(held.signal.aborted).toBe(false);
    expect(await held.release()).toBe("released");
    // Held by somebody whose lease is not extended: an extension that was still on its way would be seen.
    const next = await new Lock(redis, { lease: 300, renew: false }).acquire("kept");
    await lossOf(next);
    expect(await lossOf(next)).toMatchObject({ reason: "lapsed" });
    expect(held.signal.aborted).toBe(false);
  });

  test("that is not extended is over here before it is over in Redis", async () => {
    const lock = new Lock(redis, { lease: 200, renew: false });
    const held = await lock.acquire("short");
    expect(await lossOf(held)).toMatchObject({ code: "LOCK_LEASE_LOST", reason: "lapsed", token: held.token });
    expect(held.remaining()).toBe(0);
    expect(await held.release()).toBe("lost");
  });

  test("is not certain any more after the event loop was blocked for as long as it lasts, before any timer can say so", async () => {
    const lock = new Lock(redis, { lease: 250 });
    const held = await lock.acquire("stalled");
    held.assert();
    stall(260);
    expect(held.remaining()).toBe(0);
    expect(() => held.assert()).toThrow("could not be extended in time");
    expect(held.signal.aborted).toBe(true);
    expect(await held.release()).toBe("lost");
  });

  test("is extended for no longer than maxHold", async () => {
    const asked: { readonly leaseMs: number; readonly endsAt: number }[] = [];
    const watched = overhearing(redis, (words) => {
      const leaseMs = Number(words[6]);
      if (words[1] === extend.sha) asked.push({ leaseMs, endsAt: performance.now() + leaseMs });
    });
    const lock = new Lock(watched, { lease: 900, maxHold: "1s" });
    const since = performance.now();
    const held = await lock.acquire("hung");
    await extensions(lock, "hung", 1);
    expect(asked.length).toBeGreaterThan(0);
    // The first is due after 300 ms, by timers of whole ones. Later it asks for less, however long the process was held up.
    for (const { leaseMs } of asked) expect(leaseMs).toBeLessThanOrEqual(701);
    expect(Math.max(...asked.map(({ endsAt }) => endsAt))).toBeGreaterThan(since + 900);
    expect(await lossOf(held)).toMatchObject({ reason: "max-hold" });
    expect(await held.release()).toBe("lost");
  });

  test("can be made longer, and its own extensions do not make it shorter again", async () => {
    const lock = new Lock(redis, { lease: 300 });
    const held = await lock.acquire("long");
    await held.extend("1m");
    expect(held.remaining()).toBeGreaterThan(50_000);
    await held.extend();
    expect(held.remaining()).toBeGreaterThan(50_000);
    expect((await lock.inspect("long")).remainingMs).toBeGreaterThan(50_000);
    await expect(held.extend(5)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await held.release();
    await expect(held.extend()).rejects.toMatchObject({ code: "LOCK_LEASE_LOST", reason: "released" });
  });

  test("that was made longer is extended by itself again when it comes to its end", async () => {
    const lock = new Lock(redis, { lease: 500 });
    const held = await lock.acquire("stretched");
    await held.extend("1s");
    expect(await Promise.race([extensions(lock, "stretched", 3), lossOf(held)])).toBeUndefined();
    expect(await held.release()).toBe("released");
  });

  test("that Redis no longer knows is lost at the next extension, and not taken back", async () => {
    const lock = new Lock(redis, { lease: 300 });
    const held = await lock.acquire("deleted");
    const lost = lossOf(held);
    await redis.send(["DEL", "lock:{deleted}:lease"], { resend: "ok" });
    expect(await lost).toMatchObject({ reason: "taken" });
    expect(await lock.inspect("deleted")).toMatchObject({ owner: undefined });
    expect(await held.release()).toBe("lost");
  });

  test("keeps its token remembered: deleted fences come back with the next extension", async () => {
    const lock = new Lock(redis);
    const held = await lock.acquire("fenced");
    await redis.send(["DEL", "lock:{fenced}:fence"], { resend: "ok" });
    await held.extend();
    expect((await lock.inspect("fenced")).token).toBe(held.token);
    await held.release();
  });
});

test("a hundred leases taken and released leave no timer behind", async () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  try {
    const lock = new Lock(redis, { lease: "7h" });
    const all = await Promise.all(Array.from({ length: 100 }, (_, index) => lock.acquire(`many:${index}`)));
    await Promise.all(all.map((held) => held.release()));
    // Only a lease of seven hours is looked after so rarely.
    const timers = set.mock.results.filter((_, index) => Number(set.mock.calls[index]?.[1]) > 3_600_000);
    const gone = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
    expect(timers).toHaveLength(100);
    expect(timers.filter(({ value }) => !gone.has(value))).toEqual([]);
  } finally {
    set.mockRestore();
    cleared.mockRestore();
  }
});
