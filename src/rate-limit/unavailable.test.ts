import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { ScriptError } from "../script/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { keysWithoutTtl } from "./fixtures/index.ts";
import {
  ConcurrencyLimiter,
  type Decision,
  type OnUnavailable,
  type Permit,
  RateLimiter,
  type RateLimiterOptions,
} from "./index.ts";

let server: RedisServer;
let proxy: FaultProxy;
let redis: RedisPort;
let direct: RedisPort;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
  redis = await connect(proxy.url);
  direct = await connect(server.url);
});

beforeEach(() => proxy.heal());

afterAll(async () => {
  await Promise.all([redis?.close(), direct?.close()]);
  await proxy?.close();
  await server?.stop();
});

function limiter(options: Partial<RateLimiterOptions> = {}, port: RedisPort = redis): RateLimiter {
  const basic = { name: `away-${++count}`, limit: 10, per: "1h", onUnavailable: "closed" } as const;
  return new RateLimiter(port, { ...basic, ...options } as RateLimiterOptions);
}

async function timed(decide: Promise<Decision>): Promise<[decision: Decision, ms: number]> {
  const startedAt = performance.now();
  const decision = await decide;
  return [decision, performance.now() - startedAt];
}

describe.each<[OnUnavailable, boolean]>([
  ["closed", false],
  ["open", true],
  ["local", true],
])("onUnavailable: %s", (onUnavailable, allowed) => {
  test.each(["nothing passes", "nobody listens"])("decides within its deadline while %s, and says why", async (how) => {
    const limited = limiter({ onUnavailable, timeout: 150 });
    expect((await limited.consume("a")).outcome).toBe("allowed");
    if (how === "nothing passes") proxy.blackHole();
    else {
      proxy.refuse();
      proxy.reset();
    }
    const heard: string[] = [];
    limited.on("degraded", ({ identity, decision }) => heard.push(`${identity} ${decision.mode}`));
    const [decision, ms] = await timed(limited.consume("a"));
    expect(decision).toMatchObject({ outcome: "degraded", allowed, mode: onUnavailable, retryInMs: allowed ? undefined : 1_000 });
    expect(decision).toMatchObject({ error: { code: expect.stringMatching(/^CLIENT_(TIMEOUT|UNAVAILABLE|DISCONNECTED)$/) } });
    expect(ms).toBeLessThan(1_000);
    expect(heard).toEqual([`a ${onUnavailable}`]);
    await proxy.heal();
    await expect.poll(async () => (await limited.consume("a")).outcome, { interval: 20 }).toBe("allowed");
  });
});

test("the deadline is a quarter of a second unless another is chosen", async () => {
  const limited = limiter();
  await limited.consume("a");
  proxy.blackHole();
  const [decision, ms] = await timed(limited.consume("a"));
  expect(decision.outcome).toBe("degraded");
  expect(ms).toBeGreaterThan(240);
  expect(ms).toBeLessThan(1_200);
});

test("local counts this process' share by itself, for each identity and policy", async () => {
  const policies = [
    { name: "many", limit: 12, per: "1h" },
    { name: "few", algorithm: "fixed-window", limit: 6, per: "2h" },
  ] as const;
  const limited = new RateLimiter(redis, {
    name: `away-${++count}`,
    onUnavailable: "local",
    instances: 2,
    timeout: 50,
    policies,
  });
  proxy.blackHole();
  const ask = (identity: string, cost: number): Promise<Decision> => limited.consume(identity, { cost });
  const decisions = await Promise.all([ask("a", 1), ask("a", 2), ask("a", 1), ask("b", 3), ask("b", 4)]);
  expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, false, true, false]);
  expect(decisions.every(({ outcome }) => outcome === "degraded")).toBe(true);
  const [, , third, , fifth] = decisions;
  // One of three comes back each 20 minutes: 3 an hour and process.
  expect("retryInMs" in (third as object) && (third as { retryInMs: number }).retryInMs).toBeGreaterThan(2_390_000);
  expect(fifth).toMatchObject({ retryInMs: undefined });
});

test("what local counted while Redis was away is forgotten when it is back", async () => {
  const limited = limiter({ onUnavailable: "local", limit: 1_000, instances: 500, timeout: 50 });
  for (let outage = 0; outage < 2; outage++) {
    proxy.blackHole();
    const decisions = await Promise.all([1, 2, 3].map(() => limited.consume("a")));
    expect(decisions.map(({ outcome, allowed }) => [outcome, allowed])).toEqual(
      [true, true, false].map((each) => ["degraded", each]),
    );
    await proxy.heal();
    await expect.poll(async () => (await limited.consume("a")).outcome, { interval: 20 }).toBe("allowed");
  }
});

test("a reply that is lost leaves a call counted once, and is not asked for again", async () => {
  const limited = limiter({ limit: 10 });
  await limited.consume("a");
  const dropped = proxy.dropNextReply({ of: "EVALSHA" });
  const decision = await limited.consume("a", { cost: 3 });
  await dropped;
  expect(decision).toMatchObject({ outcome: "degraded", allowed: false, applied: "maybe" });
  const seen = new RateLimiter(direct, { name: limited.name, limit: 10, per: "1h", onUnavailable: "closed" });
  expect(await seen.peek("a")).toMatchObject({ remaining: 6 });
  // Once first: the reply to a script that the server does not know yet says that it was not run.
  await limited.refund("other");
  const lost = proxy.dropNextReply({ of: "EVALSHA" });
  await expect(limited.refund("a", 2)).rejects.toMatchObject({ applied: "maybe" });
  await lost;
  expect(await seen.peek("a")).toMatchObject({ remaining: 8 });
});

test("block and reset, told twice because the reply was lost, do the same", async () => {
  const limited = limiter();
  await limited.consume("a", { cost: 10 });
  const changes: (() => Promise<unknown>)[] = [() => limited.block("a", "1h"), () => limited.reset("a")];
  for (const change of changes) {
    const dropped = proxy.dropNextReply({ of: "EVALSHA" });
    // It may be sent again: by the client, which it is told that it may, or by the caller.
    await change().catch(change);
    await dropped;
  }
  expect(await limited.consume("a", { cost: 10 })).toMatchObject({ outcome: "allowed" });
});

test("a server that forgot its scripts, or its connections, costs nobody a decision", async () => {
  const limited = limiter({ limit: 3 });
  await limited.consume("a");
  await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
  expect(await limited.consume("a")).toMatchObject({ outcome: "allowed", remaining: 1 });
  proxy.reset();
  await expect.poll(async () => (await limited.consume("a")).outcome, { interval: 20 }).toBe("allowed");
  expect(await limited.consume("a")).toMatchObject({ outcome: "denied", reason: "limit" });
});

test("a server that is ended and started again is found again", async () => {
  await using own = await startRedis({ args: ["--appendonly", "no"] });
  const port = await connect(own.url);
  const limited = limiter({ timeout: 100, limit: 1 }, port);
  expect(await limited.consume("a")).toMatchObject({ outcome: "allowed" });
  await own.kill();
  const calls = await Promise.all(Array.from({ length: 50 }, (_, index) => limited.consume(`user ${index}`)));
  expect(calls.every(({ outcome, allowed }) => outcome === "degraded" && !allowed)).toBe(true);
  await own.restart();
  await expect.poll(async () => (await limited.consume("a")).outcome, { timeout: 10_000, interval: 50 }).toBe("allowed");
  await port.close();
  expect(await limited.consume("b")).toMatchObject({ outcome: "degraded", error: { code: "CLIENT_CLOSED" }, applied: "no" });
});

test("what refuses to answer is told as an error where there is no decision to be made", async () => {
  const limited = limiter({ timeout: 50 });
  proxy.refuse();
  proxy.reset();
  const port = await connect(server.url);
  await port.close();
  const closed = limiter({}, port);
  for (const ask of [() => closed.peek("a"), () => closed.refund("a"), () => closed.reset("a"), () => closed.block("a", 1)]) {
    await expect(ask()).rejects.toMatchObject({ code: "CLIENT_CLOSED", applied: "no" });
  }
  expect(await limited.acquire("a", { wait: 60 })).toMatchObject({ outcome: "degraded", allowed: false });
});

test.each<[OnUnavailable, readonly boolean[]]>([
  ["closed", [false, false, false]],
  ["open", [true, true, true]],
  ["local", [true, true, false]],
])("places while Redis is away, %s", async (onUnavailable, expected) => {
  const name = `away-${++count}`;
  const limited = new ConcurrencyLimiter(redis, { name, limit: 4, instances: 2, onUnavailable, timeout: 50 });
  proxy.blackHole();
  const decisions = await Promise.all([1, 2, 3].map(() => limited.consume("a")));
  expect(decisions.map(({ allowed }) => allowed)).toEqual(expected);
  expect(decisions.every(({ outcome }) => outcome === "degraded")).toBe(true);
  const [first] = decisions;
  if (first?.outcome === "degraded" && first.permit !== undefined) {
    await first.permit[Symbol.asyncDispose]();
    expect((await limited.consume("a")).allowed).toBe(true);
  }
});

test("a place that local gave comes free with its lease, later if it is renewed, and at once if it is released", async () => {
  const name = `away-${++count}`;
  const limited = new ConcurrencyLimiter(redis, { name, limit: 1, lease: "1s", onUnavailable: "local", timeout: 20 });
  const free = async (identity: string): Promise<boolean> => (await limited.consume(identity)).allowed;
  proxy.blackHole();
  const { permit } = (await limited.consume("renewed")) as { permit: Permit };
  expect([await free("left"), await free("left")]).toEqual([true, false]);
  const renewed = async (): Promise<boolean> => {
    await expect(permit.renew()).rejects.toBeInstanceOf(ScriptError);
    return await free("left");
  };
  // The other was given first: were it not renewed, it would be free by then.
  await expect.poll(renewed, { interval: 20 }).toBe(true);
  expect(await free("renewed")).toBe(false);
  await expect(permit.release()).rejects.toBeInstanceOf(ScriptError);
  expect(await free("renewed")).toBe(true);
});

test("a place whose reply was lost is given back", async () => {
  const limited = new ConcurrencyLimiter(redis, { name: `away-${++count}`, limit: 1, onUnavailable: "closed", timeout: 300 });
  const warm = await limited.consume("other");
  expect(warm.outcome).toBe("allowed");
  proxy.delay(200);
  expect(await limited.consume("a")).toMatchObject({ outcome: "degraded", applied: "maybe", permit: undefined });
  await proxy.heal();
  await expect.poll(async () => (await limited.consume("a")).outcome, { interval: 20 }).toBe("allowed");
  expect(await keysWithoutTtl(direct)).toEqual([]);
});
