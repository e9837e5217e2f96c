import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Clock } from "./fixtures/index.ts";
import { type Algorithm, type PolicyOptions, RateLimiter } from "./index.ts";

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

const hour = 3_600_000;
const send = (...command: string[]): Promise<unknown> => redis.send(command, { resend: "ok" });

/** A limiter as a program makes it that is started again with another policy: same name, same clock. */
function restarts(): { clock: Clock; name: string; started: (policy: PolicyOptions) => RateLimiter } {
  const clock = new Clock();
  const name = `changed-${++count}`;
  const usual = {
    name,
    shards: 1,
    onUnavailable: "closed",
    timeout: "10s",
    rememberDenials: { count: 0 },
    now: clock.now,
  } as const;
  return { clock, name, started: (policy) => new RateLimiter(redis, { ...usual, ...policy }) };
}

/** The only key of a limiter. */
async function keyOf(name: string): Promise<string> {
  const keys = (await send("KEYS", `*{${name}:*`)) as readonly string[];
  expect(keys).toHaveLength(1);
  return keys[0] as string;
}

describe.each<Algorithm>(["gcra", "sliding-window", "fixed-window", "sliding-log"])("%s", (algorithm) => {
  test("over a longer time remembers what was counted for as long as that counts now, though it only denies", async () => {
    const { name, started } = restarts();
    await started({ algorithm, limit: 10, per: "1h" }).consume("a", { cost: 8 });
    const key = await keyOf(name);
    expect(await send("PTTL", key)).toBeLessThanOrEqual(2 * hour);
    const longer = started({ algorithm, limit: 10, per: "10h" });
    expect(await longer.consume("a", { cost: 5 })).toMatchObject({ allowed: false, remaining: 2 });
    expect(await send("PTTL", key)).toBeGreaterThan(7.9 * hour);
  });

  test("over a shorter time keeps what was counted, and no longer than that", async () => {
    const { clock, name, started } = restarts();
    await started({ algorithm, limit: 10, per: "10h" }).consume("a", { cost: 8 });
    const shorter = started({ algorithm, limit: 10, per: "1h" });
    expect(await shorter.peek("a")).toMatchObject({ remaining: 2 });
    expect(await shorter.consume("a", { cost: 5 })).toMatchObject({ allowed: false, remaining: 2 });
    expect(await send("PTTL", await keyOf(name))).toBeLessThanOrEqual(2 * hour);
    clock.at += 2 * hour;
    expect(await shorter.consume("a", { cost: 10 })).toMatchObject({ allowed: true, remaining: 0 });
  });
});

test.each([
  ["whose unit is the same", 7, 1],
  ["whose unit is another", 60, 6],
])("gcra with a lower limit, %s, and the burst it had remembers what was counted until it has drained", async (_, high, low) => {
  const { name, started } = restarts();
  await started({ limit: high, per: "1h", burst: high }).consume("a", { cost: high });
  const lower = started({ limit: low, per: "1h", burst: high });
  expect(await lower.consume("a")).toMatchObject({ allowed: false, remaining: 0, retryInMs: hour / low });
  expect(await send("PTTL", await keyOf(name))).toBeGreaterThan((high / low - 0.1) * hour);
});

test("a sliding window that had slid half out counts half in a shorter one", async () => {
  const { clock, started } = restarts();
  clock.at -= clock.at % (10 * hour);
  await started({ algorithm: "sliding-window", limit: 10, per: "10h" }).consume("a", { cost: 8 });
  clock.at += 15 * hour;
  const shorter = started({ algorithm: "sliding-window", limit: 10, per: "1h" });
  expect(await shorter.consume("a", { cost: 7 })).toMatchObject({ allowed: false, remaining: 6 });
});

test("a log with a lower limit says when a call fits, and allows it then, however many old calls it holds", async () => {
  const { clock, name, started } = restarts();
  const log = { algorithm: "sliding-log", per: "1h" } as const;
  const high = started({ ...log, limit: 1_000 });
  for (let call = 0; call < 250; call++) {
    clock.at++;
    await high.consume("a");
  }
  const low = started({ ...log, limit: 5 });
  expect(await low.consume("a")).toMatchObject({ allowed: false, remaining: 0, retryInMs: hour - 4 });
  clock.at += hour - 4;
  expect(await low.consume("a")).toMatchObject({ allowed: true, remaining: 0 });
  expect(await low.consume("a", { cost: 2 })).toMatchObject({ allowed: false, retryInMs: 2 });
  clock.at += hour;
  expect(await low.consume("a", { cost: 5 })).toMatchObject({ allowed: true, remaining: 0 });
  expect(await send("LLEN", await keyOf(name))).toBe(2);
});
