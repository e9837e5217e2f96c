import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Clock } from "./fixtures/index.ts";
import { type PolicyOptions, RateLimiter } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});

afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

const minute = 60_000;

/** Makes limiters of one name and clock, as a program that is started again with another limit does. */
function logs(): { clock: Clock; log: (policy: Pick<PolicyOptions, "limit" | "per" | "burst" | "burstPer">) => RateLimiter } {
  const clock = new Clock();
  const usual = { name: `log-${++count}`, shards: 1, onUnavailable: "closed", timeout: "10s", now: clock.now } as const;
  const log = (policy: Pick<PolicyOptions, "limit" | "per" | "burst" | "burstPer">): RateLimiter =>
    new RateLimiter(redis, { ...usual, ...policy, algorithm: "sliding-log", rememberDenials: { count: 0 } });
  return { clock, log };
}

test("once the latest call was given back, all is free again when the one before no longer counts", async () => {
  const { clock, log } = logs();
  const limiter = log({ limit: 3, per: "1h", burst: 1, burstPer: "2h" });
  await limiter.consume("a", { cost: 2 });
  clock.at += minute;
  await limiter.consume("a", { cost: 2 });
  // One of them was paid from the burst, and goes back there.
  expect(await limiter.refund("a")).toMatchObject({ remaining: 1, resetInMs: 60 * minute });
  expect(await limiter.refund("a")).toMatchObject({ remaining: 2, resetInMs: 59 * minute });
  expect(await limiter.peek("a")).toMatchObject({ remaining: 2, resetInMs: 59 * minute });
  const [key] = (await redis.send(["KEYS", "*:log:*"], { resend: "ok" })) as readonly string[];
  expect(await redis.send(["PTTL", key ?? ""], { resend: "ok" })).toBeLessThanOrEqual(59 * minute);
  clock.at += 59 * minute;
  expect(await limiter.peek("a")).toMatchObject({ remaining: 4, resetInMs: 0 });
});

test("a clock that was set back stays where it was, though the latest call was given back", async () => {
  const { clock, log } = logs();
  const limiter = log({ limit: 3, per: "1h" });
  await limiter.consume("a");
  clock.at += 10 * minute;
  await limiter.consume("a");
  clock.at -= 30 * minute;
  await limiter.refund("a");
  expect(await limiter.peek("a")).toMatchObject({ remaining: 2, resetInMs: 50 * minute });
  clock.at += 50 * minute;
  expect(await limiter.peek("a")).toMatchObject({ remaining: 3 });
});

test("over a limit that was lowered, what comes free of the burst is told as soon as it comes", async () => {
  const { clock, log } = logs();
  const before = log({ limit: 5, per: "1h", burst: 1, burstPer: "10m" });
  await before.consume("a", { cost: 5 });
  clock.at += minute;
  await before.consume("a");
  const lowered = log({ limit: 2, per: "1h", burst: 1, burstPer: "10m" });
  const denied = await lowered.consume("a");
  expect(denied).toMatchObject({ outcome: "denied", retryInMs: 10 * minute });
  clock.at += 10 * minute - 1;
  expect((await lowered.peek("a")).allowed).toBe(false);
  clock.at += 1;
  expect((await lowered.peek("a")).allowed).toBe(true);
  expect(await lowered.consume("a", { cost: 2 })).toMatchObject({ outcome: "denied", retryInMs: 49 * minute });
});
