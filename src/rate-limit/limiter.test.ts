import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { run, type ScriptEvent } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Clock, keysWithoutTtl, modelOf } from "./fixtures/index.ts";
import { ConcurrencyLimiter, RateLimiter, type RateLimiterOptions } from "./index.ts";
import { acquirePermit, releasePermit, renewPermit } from "./scripts.gen.ts";

let server: RedisServer;
let redis: RedisPort;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url, { prefix: "shop" });
});

afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

function limiter(options: object = {}): RateLimiter {
  return new RateLimiter(redis, { ...basic(), ...options } as RateLimiterOptions);
}

function basic(): RateLimiterOptions {
  // A machine under load may be late: what a limiter does then is not the subject here.
  return { name: `limiter-${++count}`, limit: 10, per: "1h", onUnavailable: "closed", timeout: "10s" };
}

const send = (...command: string[]): Promise<unknown> => redis.send(command, { resend: "ok" });

describe("options", () => {
  test.each<[string, object, string, string]>([
    ["what to do without Redis has to be chosen", { onUnavailable: undefined }, "OPTION_MISSING", "RateLimiter.onUnavailable"],
    ["a limit has to be given", { limit: undefined }, "OPTION_MISSING", "RateLimiter.limit"],
    ["a limit of nothing is no limit", { limit: 0 }, "OPTION_INVALID", "RateLimiter.limit"],
    ["a misspelt option is refused", { window: "1m" }, "OPTION_UNKNOWN", "RateLimiter.window"],
    ["a burst of nothing allows nothing", { burst: 0 }, "OPTION_INVALID", "RateLimiter.burst"],
    ["a window has no burst", { algorithm: "fixed-window", burst: 3 }, "OPTION_INVALID", "RateLimiter.burst"],
    ["a burst of GCRA has no time of its own", { burstPer: "1m" }, "OPTION_INVALID", "RateLimiter.burstPer"],
    ["a log is not kept of everything", { algorithm: "sliding-log", limit: 100_001 }, "OPTION_INVALID", "RateLimiter.limit"],
    ["what cannot be counted exactly is refused", { limit: 999_999_937, per: "365d" }, "OPTION_INVALID", "RateLimiter.limit"],
    ["a name has no braces", { name: "a{b}" }, "OPTION_INVALID", "RateLimiter.name"],
    [
      "policies and one limit are too much",
      { policies: [{ name: "a", limit: 1, per: 1 }] },
      "OPTION_INVALID",
      "RateLimiter.limit",
    ],
  ])("%s", (_, options, code, field) => {
    expect(() => limiter(options)).toThrow(expect.objectContaining({ code, field }));
  });

  test("two policies of one name are refused", () => {
    const policy = { name: "a", limit: 1, per: 1 };
    const options = { name: "x", onUnavailable: "open", policies: [policy, policy] } as const;
    expect(() => new RateLimiter(redis, options)).toThrow(/two are called "a"/);
  });

  test("bad identities and costs are refused before Redis is asked", async () => {
    const limited = limiter();
    await expect(limited.consume("")).rejects.toMatchObject({ code: "INPUT_INVALID", field: "identity" });
    await expect(limited.consume("a", { cost: 0 })).rejects.toMatchObject({ code: "INPUT_INVALID", field: "cost" });
    await expect(limited.consume("a", { cost: 1.5 })).rejects.toMatchObject({ field: "cost" });
    await expect(limited.refund("a", -1)).rejects.toMatchObject({ field: "cost" });
    await expect(limited.block("a", "soon" as "1s")).rejects.toMatchObject({ field: "block.time" });
    await expect(limited.acquire("a", { waits: 1 } as object)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
    expect(() => new ConcurrencyLimiter(redis, { name: "a", limit: 1 } as never)).toThrow(/onUnavailable must be given/);
  });
});

test("an identity has its block and its state in one slot, after the connection's prefix", async () => {
  const limited = limiter({ shards: 1 });
  await limited.consume("user {1}:x");
  await limited.block("user {1}:x", "1m");
  const keys = (await send("KEYS", `shop:rate-limit:{${limited.name}:0}:*`)) as string[];
  const base = `shop:rate-limit:{${limited.name}:0}`;
  expect(keys.sort()).toEqual([`${base}:block:user {1}:x`, `${base}:gcra:${limited.name}:user {1}:x`]);
});

test("a key that lost its time to live gets it back at the next call", async () => {
  for (const algorithm of ["gcra", "sliding-window", "fixed-window", "sliding-log"]) {
    const limited = limiter({ algorithm, shards: 1 });
    await limited.consume("a");
    const [key] = (await send("KEYS", `*{${limited.name}:*`)) as [string];
    await send("PERSIST", key);
    expect(await keysWithoutTtl(redis)).toEqual([key]);
    await limited.consume("a");
    expect(await keysWithoutTtl(redis)).toEqual([]);
  }
});

test("what Redis evicts is forgotten, and nothing else of it stays behind", async () => {
  const limited = limiter({ algorithm: "sliding-log", limit: 2, burst: 2, shards: 1 });
  await limited.consume("a", { cost: 4 });
  await send("DEL", `shop:rate-limit:{${limited.name}:0}:log:${limited.name}:a`);
  expect(await limited.consume("a", { cost: 2 })).toMatchObject({ allowed: true, remaining: 0 });
});

test("a limit that is changed keeps what was counted", async () => {
  const options = { name: `limiter-${++count}`, per: "1h", onUnavailable: "closed" } as const;
  const clock = new Clock();
  for (const algorithm of ["gcra", "fixed-window", "sliding-window", "sliding-log"] as const) {
    const made = (limit: number): RateLimiter => new RateLimiter(redis, { ...options, algorithm, limit, now: clock.now });
    await made(100).consume("a", { cost: 30 });
    expect(await made(101).peek("a")).toMatchObject({ remaining: 71 });
    expect(await made(50).peek("a")).toMatchObject({ remaining: 20 });
    expect(await made(20).consume("a")).toMatchObject({ allowed: false, remaining: 0 });
    const lowered = await made(20).consume("a");
    clock.at += "retryInMs" in lowered ? (lowered.retryInMs ?? 0) : 0;
    expect(await made(20).consume("a")).toMatchObject({ allowed: true });
  }
});

describe("denials that are remembered", () => {
  test("answer the same and higher costs, and no lower one, until the call would fit", async () => {
    const clock = new Clock();
    const limited = limiter({ now: clock.now, rememberDenials: { for: "1d" } });
    await limited.consume("a", { cost: 8 });
    expect(await limited.consume("a", { cost: 4 })).toMatchObject({ remembered: false, retryInMs: 720_000 });
    clock.at += 100_000;
    expect(await limited.consume("a", { cost: 5 })).toMatchObject({ outcome: "denied", remembered: true, retryInMs: 620_000 });
    expect(await limited.consume("a", { cost: 3 })).toMatchObject({ outcome: "denied", remembered: false });
    expect(await limited.consume("a", { cost: 3 })).toMatchObject({ remembered: true });
    expect(await limited.consume("a", { cost: 2 })).toMatchObject({ outcome: "allowed" });
    expect(await limited.consume("other")).toMatchObject({ outcome: "allowed" });
    const earliest = (await limited.consume("a", { cost: 9 })) as { retryInMs: number };
    clock.at += earliest.retryInMs;
    const exact = (await limited.consume("a", { cost: 9 })) as { remembered: boolean; retryInMs: number };
    expect(exact.remembered).toBe(false);
    clock.at += exact.retryInMs;
    expect(await limited.consume("a", { cost: 9 })).toMatchObject({ outcome: "allowed" });
  });

  test("are forgotten when something is given back, reset or lifted", async () => {
    const limited = limiter({ limit: 2 });
    const full = async (): Promise<void> => {
      await limited.consume("a", { cost: 2 });
      expect(await limited.consume("a")).toMatchObject({ allowed: false });
      expect(await limited.consume("a")).toMatchObject({ remembered: true });
    };
    await full();
    await limited.refund("a");
    expect(await limited.consume("a")).toMatchObject({ outcome: "allowed" });
    await limited.reset("a");
    await full();
    await limited.reset("a");
    expect(await limited.consume("a")).toMatchObject({ outcome: "allowed" });
    await limited.block("a", "1h");
    expect(await limited.consume("a")).toMatchObject({ reason: "blocked", remembered: false });
    await limited.block("a", 0);
    expect(await limited.consume("a")).toMatchObject({ outcome: "allowed" });
  });

  test("one that was on its way while something was given back is not believed afterwards", async () => {
    const limited = limiter({ limit: 1 });
    await limited.consume("a");
    const asked = limited.consume("a");
    // The tick is over, so that the question is sent before the refund.
    await Promise.resolve();
    await limited.refund("a");
    expect(await asked).toMatchObject({ outcome: "denied" });
    expect(await limited.consume("a")).toMatchObject({ outcome: "allowed" });
  });

  test("cost no round trip, and last a second at most unless told otherwise", async () => {
    const clock = new Clock();
    const limited = limiter({ limit: 1, now: clock.now });
    await limited.consume("a");
    await limited.consume("a");
    const calls = await scriptsRun(async () => {
      for (let call = 0; call < 1_000; call++) expect((await limited.consume("a")).allowed).toBe(false);
    });
    expect(calls).toBe(0);
    clock.at += 1_000;
    expect(await limited.consume("a")).toMatchObject({ allowed: false, remembered: false });
  });
});

test("callers of one tick share a round trip for each hash tag", async () => {
  const limited = limiter({ limit: 1_000 });
  const hot = (): Promise<unknown> => Promise.all(Array.from({ length: 200 }, () => limited.consume("a")));
  expect(await scriptsRun(hot)).toBe(1);
  const many = (): Promise<unknown> => Promise.all(Array.from({ length: 200 }, (_, index) => limited.consume(`user ${index}`)));
  expect(await scriptsRun(many)).toBe(8);
});

async function scriptsRun(work: () => Promise<unknown>): Promise<number> {
  let runs = 0;
  const heard = (message: unknown): void => {
    if ((message as ScriptEvent).script.startsWith("rate-limit.")) runs++;
  };
  subscribe("redlua:script:run", heard);
  await work();
  unsubscribe("redlua:script:run", heard);
  return runs;
}

describe("acquire", () => {
  test("waits for every one of many callers, and none too early", async () => {
    const limited = limiter({ limit: 5, per: 100 });
    const startedAt = performance.now();
    const decisions = await Promise.all(Array.from({ length: 20 }, () => limited.acquire("a", { wait: "10s" })));
    expect(decisions.every(({ allowed }) => allowed)).toBe(true);
    // 5 at once, then one each 20 ms; both clocks count whole milliseconds.
    expect(performance.now() - startedAt).toBeGreaterThan(295);
  });

  test("answers at once if the call cannot be allowed in time", async () => {
    const limited = limiter({ limit: 1 });
    await limited.consume("a");
    const startedAt = performance.now();
    expect(await limited.acquire("a", { wait: "10m" })).toMatchObject({ outcome: "denied", reason: "limit" });
    expect(await limited.acquire("a", { cost: 2, wait: "10d" })).toMatchObject({ reason: "cost" });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("waits for what is further away than a timer can hold without asking all the time", async () => {
    const limited = limiter({ limit: 1, per: "90d" });
    await limited.consume("a");
    let asked = 0;
    limited.on("denied", () => asked++);
    const patience = new AbortController();
    const waiting = limited.acquire("a", { wait: "180d", signal: patience.signal });
    // Longer than it took to ask again and again.
    for (let other = 0; other < 100; other++) await limited.peek("b");
    expect(asked).toBe(1);
    patience.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("ends with its signal, for its reason", async () => {
    const limited = limiter({ limit: 1, per: "1s" });
    await limited.consume("a");
    const patience = new AbortController();
    const waiting = limited.acquire("a", { wait: "10s", signal: patience.signal });
    limited.on("denied", () => patience.abort(new Error("enough")));
    await expect(waiting).rejects.toThrow("enough");
    await expect(limited.acquire("b", { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    expect(await limited.peek("b")).toMatchObject({ remaining: 1 });
  });
});

test.each(["gcra", "sliding-window", "fixed-window", "sliding-log"] as const)(
  "%s tells a call that costs all there is when it fits, and one that costs more that it never will",
  async (algorithm) => {
    const one = { limit: 5, algorithm };
    const wide = { name: "wide", limit: 100, per: "1h", algorithm: "gcra" };
    const both = { limit: undefined, per: undefined, policies: [{ name: "narrow", per: "1m", ...one }, wide] };
    for (const limited of [limiter(one), limiter(both)]) {
      await limited.consume("a");
      const whole = { allowed: false, reason: "limit", retryInMs: expect.any(Number) };
      expect(await limited.consume("a", { cost: 5 })).toMatchObject(whole);
      expect(await limited.consume("b", { cost: 6 })).toMatchObject({ allowed: false, reason: "cost", retryInMs: undefined });
    }
  },
);

test("what is given back is never more than was taken", async () => {
  for (const algorithm of ["gcra", "sliding-window", "fixed-window", "sliding-log"]) {
    const limited = limiter({ algorithm, limit: 5 });
    await limited.consume("a", { cost: 3 });
    expect(await limited.refund("a", 1)).toMatchObject({ remaining: 3 });
    expect(await limited.refund("a", 1_000_000)).toMatchObject({ remaining: 5, resetInMs: 0 });
    expect(await limited.refund("never seen", 7)).toMatchObject({ remaining: 5 });
    expect(await send("KEYS", `*{${limited.name}:*`)).toEqual([]);
  }
});

test("what says that it is idempotent answers and leaves the same when it is run twice", async () => {
  const now = new Clock().now();
  const keys = { permits: "rate-limit:{twice:0}:permits:a" };
  const held = { permit: "p", places: 2, leaseMs: "1h", now } as const;
  const state = (): Promise<unknown> => send("ZRANGE", `shop:${keys.permits}`, "0", "-1", "WITHSCORES");
  const twice = async (change: () => Promise<unknown>): Promise<unknown> => {
    const first = [await change(), await state()];
    expect([await change(), await state()]).toEqual(first);
    return first[0];
  };
  expect(await twice(() => run(redis, acquirePermit, keys, { ...held, limit: 3 }))).toMatchObject({
    outcome: "granted",
    free: 1,
  });
  expect(await twice(() => run(redis, renewPermit, keys, { ...held, now: now + 5 }))).toMatchObject({ outcome: "renewed" });
  expect(await keysWithoutTtl(redis)).toEqual([]);
  const released = [await run(redis, releasePermit, keys, { permit: "p", places: 2 }), await state()];
  expect([await run(redis, releasePermit, keys, { permit: "p", places: 2 }), await state()]).toEqual([false, released[1]]);
  expect(released).toEqual([true, []]);
});

test("a short permit ends no long one: the key that holds both lives as long as the longest", async () => {
  const now = new Clock().now();
  const keys = { permits: "rate-limit:{lasts:0}:permits:a" };
  const left = (): Promise<unknown> => send("PTTL", `shop:${keys.permits}`);
  await run(redis, acquirePermit, keys, { permit: "long", places: 1, limit: 2, leaseMs: "1h", now });
  await run(redis, acquirePermit, keys, { permit: "short", places: 1, limit: 2, leaseMs: 100, now });
  expect(await left()).toBeGreaterThan(60_000);
  const renewed = await run(redis, renewPermit, keys, { permit: "short", places: 1, leaseMs: 100, now: now + 99 });
  expect(renewed).toMatchObject({ outcome: "renewed" });
  expect(await left()).toBeGreaterThan(60_000);
  // It is over at the millisecond at which its lease ends.
  const late = await run(redis, renewPermit, keys, { permit: "short", places: 1, leaseMs: 100, now: now + 199 });
  expect(late).toMatchObject({ outcome: "lost" });
});

test("denials are told to listeners and to the channel", async () => {
  const limited = limiter({ limit: 1 });
  const heard: unknown[] = [];
  const tell = (message: unknown): void => void heard.push(message);
  subscribe("redlua:rate-limit:denied", tell);
  const off = limited.on("denied", tell);
  await limited.consume("a");
  const decision = await limited.consume("a", { cost: 2 });
  off();
  unsubscribe("redlua:rate-limit:denied", tell);
  const event = { limiter: limited.name, identity: "a", cost: 2, decision };
  expect(heard).toEqual([event, event]);
});

test("large costs and limits are counted to the last one", async () => {
  const limited = limiter({ limit: 1_000_000_000, per: "1d", now: new Clock().now });
  expect(await limited.consume("a", { cost: 999_999_999 })).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limited.consume("a", { cost: 2 })).toMatchObject({ allowed: false, remaining: 1, retryInMs: 1 });
  expect(await limited.consume("a")).toMatchObject({ allowed: true, remaining: 0 });
  const log = limiter({ algorithm: "sliding-log", limit: 50_000, burst: 50_000, per: "1d" });
  expect(await log.consume("a", { cost: 99_999 })).toMatchObject({ allowed: true, remaining: 1 });
  expect(await log.consume("a", { cost: 2 })).toMatchObject({ allowed: false, remaining: 1 });
});

test("a log of thousands of old calls is cleared away in steps", async () => {
  const clock = new Clock();
  const limited = limiter({ algorithm: "sliding-log", limit: 1_000, per: "1h", now: clock.now, shards: 1 });
  for (let call = 0; call < 1_000; call += 100) {
    const batch = Array.from({ length: 100 }, () => {
      clock.at += 1;
      return limited.consume("a");
    });
    for (const each of batch) expect((await each).allowed).toBe(true);
  }
  clock.at += 3_600_000;
  expect(await limited.consume("a", { cost: 1_000 })).toMatchObject({ allowed: true, remaining: 0 });
  const [key] = (await send("KEYS", `*{${limited.name}:*`)) as [string];
  expect(await send("LLEN", key)).toBe(2);
});

test("the sliding window admits what a true one would, but for a known error", async () => {
  // Draws that repeat: the error that is measured is the error that the guide tells.
  let seed = 42;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const [limit, per] = [20, 3_600_000];
  let [admitted, over, worst, missed, denied] = [0, 0, 0, 0, 0];
  for (let life = 0; life < 10; life++) {
    const clock = new Clock();
    const limited = limiter({ algorithm: "sliding-window", limit, per, now: clock.now, rememberDenials: { count: 0 } });
    const log: number[] = [];
    const busy = 0.5 + 2 * random();
    for (let call = 0; call < 200; call++) {
      // Some bursts, some lulls.
      clock.at += Math.floor((-Math.log(1 - random()) * per * (random() < 0.1 ? 8 : 0.3)) / limit / busy);
      const inWindow = log.filter((at) => clock.at - at < per).length;
      const { allowed } = await limited.consume("a");
      if (allowed) log.push(clock.at);
      admitted += allowed ? 1 : 0;
      denied += allowed ? 0 : 1;
      if (allowed && inWindow >= limit) over++;
      if (!allowed && inWindow < limit) missed++;
      worst = Math.max(worst, (inWindow + (allowed ? 1 : 0)) / limit);
    }
  }
  // The numbers of the guide: one admitted call in ten is over a true limit, by two fifths at worst; half the denials a true one allows.
  expect({ over: over / admitted, missed: missed / denied, worst }).toEqual({
    over: expect.closeTo(0.1, 1),
    missed: expect.closeTo(0.5, 1),
    worst: 1.4,
  });
});

test("the model of a log is a true window: the sliding log agrees with it at every call", () => {
  const model = modelOf({ algorithm: "sliding-log", limit: 2, per: 10, burst: 0, burstPer: 10 });
  expect([0, 1, 2, 10, 10, 11].map((at) => model.consume(at, 1))).toEqual([true, true, false, true, false, true]);
});
