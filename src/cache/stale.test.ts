import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { gate, next } from "./fixtures/index.ts";
import { CacheTimeoutError, HybridCache, type HybridCacheOptions } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
let passedMs: number;
let open: HybridCache[];

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});
beforeEach(async () => {
  await send("FLUSHALL");
  const now = performance.now.bind(performance);
  passedMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now() + passedMs);
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((cache) => cache.stop()));
  vi.restoreAllMocks();
});

function send(...command: string[]): Promise<unknown> {
  return redis.send(command, { resend: "ok" });
}

/** A cache with a value that has just ended, and may stand in for a minute. */
async function makeEnded(options: HybridCacheOptions = {}): Promise<HybridCache> {
  const cache = new HybridCache(redis, { failSafe: "1m", memory: { ttl: "1h" }, ...options });
  open.push(cache);
  await cache.start();
  await cache.set("a", "old");
  await cache.expire("a");
  return cache;
}

function passMinute(): void {
  passedMs += 61_000;
}

const fail = (): never => {
  throw new Error("away");
};

test.each(["10s", "1h"] as const)(
  "a stale value in memory is not served for longer than failSafe, with a throttle of %s",
  async (throttle) => {
    const cache = await makeEnded({ throttle });
    expect(await cache.getOrSet("a", fail)).toBe("old");
    expect(await cache.lookup("a")).toEqual({ outcome: "stale", value: "old", tier: "memory" });
    await send("DEL", "cache:{a}");
    await send("RPUSH", "cache:{a}", "cannot be read");
    passedMs += 30_000;
    expect(await cache.getOrSet("a", fail)).toBe("old");
    passedMs += 31_000;
    await expect(cache.getOrSet("a", fail)).rejects.toThrow("away");
  },
);

test("a stale value whose time ends while the factory runs stands in no more, for nobody", async () => {
  const cache = await makeEnded();
  const { passed, fail: failNow } = gate<string>();
  const running = gate();
  const slow = (): Promise<string> => {
    running.open();
    return passed;
  };
  const first = cache.getOrSet("a", slow);
  await running.passed;
  expect(await cache.getOrSet("a", () => "never")).toBe("old");
  passMinute();
  await expect(cache.getOrSet("a", () => "never", { hardTimeout: 5 })).rejects.toBeInstanceOf(CacheTimeoutError);
  const waits = cache.getOrSet("a", () => "never");
  failNow(new Error("failed late"));
  await expect(first).rejects.toThrow("failed late");
  await expect(waits).rejects.toThrow("failed late");
});

test("after softTimeout a caller waits on if the stale value's time is over", async () => {
  const cache = await makeEnded();
  const { passed, open: go } = gate<string>();
  const running = gate();
  const slow = (): Promise<string> => {
    passMinute();
    running.open();
    return passed;
  };
  const soft = cache.getOrSet("a", slow, { softTimeout: 5 });
  await running.passed;
  // This timer is started later, and is the longer one.
  await expect(cache.getOrSet("a", () => "never", { hardTimeout: 50 })).rejects.toBeInstanceOf(CacheTimeoutError);
  go("new");
  expect(await soft).toBe("new");
});

test("while Redis is away, who waits for a slow factory takes what memory has when its time is over", async () => {
  const away = await startRedis();
  await using port = await connect(away.url);
  await using cache = new HybridCache(port, { prefix: "away", failSafe: "1h", timeout: 100 });
  await cache.start();
  await cache.set("a", "seen", { ttl: 1 });
  const { passed, open: go } = gate<string>();
  const tiers: string[] = [];
  cache.on("stale", ({ tier }) => tiers.push(tier));
  await away.stop();
  // waits: for the millisecond that the value lives
  await expect.poll(() => cache.lookup("a")).toEqual({ outcome: "miss" });
  const hard = cache.getOrSet("a", () => passed, { hardTimeout: 1_000 });
  expect(await hard).toBe("seen");
  expect(await cache.getOrSet("a", () => "never")).toBe("seen");
  expect(tiers).toEqual(["memory", "memory"]);
  const filled = next(cache, "filled");
  go("new");
  await filled;
  expect(await cache.getOrSet("a", () => "never")).toBe("new");
});

test("without memory, who waits for one flight and then another waits no longer than hardTimeout in all", async () => {
  await using cache = new HybridCache(redis, { prefix: "hard", memory: false });
  await cache.start();
  const [first, second] = [gate<string>(), gate<string>()];
  const gates = [first, second];
  const load = async ({ skip }: { skip<Answer>(value: Answer): Answer }): Promise<string> =>
    skip(await (gates.shift() ?? second).passed);
  const before = cache.getOrSet("a", load);
  await expect.poll(() => gates.length).toBe(1);
  const startedAt = performance.now();
  const waiting = cache.getOrSet("a", load, { hardTimeout: 1_000 });
  // waits: for most of what the second caller will wait in all
  setTimeout(() => first.open("first"), 700);
  await expect(waiting).rejects.toMatchObject({ code: "CACHE_TIMEOUT", timeoutMs: 1_000 });
  expect(performance.now() - startedAt).toBeLessThan(1_600);
  expect(await before).toBe("first");
  second.open("second");
});
