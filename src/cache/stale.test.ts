import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { gate } from "./fixtures/index.ts";
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
