import { randomUUID } from "node:crypto";
import { connect, type RedisPort } from "redlua/client";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "redlua/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { boom, fail, failing, next, noon } from "./fixtures/index.ts";
import type { CircuitBreakerOptions } from "./options.ts";

describe.each(["ioredis", "node-redis"] as const)("over %s", { timeout: 60_000 }, (client) => {
  let server: RedisServer;
  let proxy: FaultProxy;
  /** Through the proxy. */
  let redis: RedisPort;
  /** Past the proxy. */
  let direct: RedisPort;
  let name: string;
  let clock: { now: number };

  beforeEach(async () => {
    server = await startRedis({ tcp: true });
    proxy = await startFaultProxy({ target: server });
    [redis, direct] = await Promise.all([connect(proxy.url, { client }), connect(server.url, { client })]);
    name = `b-${randomUUID()}`;
    clock = { now: noon };
  });
  afterEach(async () => {
    await Promise.all([redis.close(), direct.close()]);
    await proxy.close();
    await server.stop();
  });

  function breakerOf(options: CircuitBreakerOptions = {}, port: RedisPort = redis): CircuitBreaker {
    const usual = { minimumCalls: 4, patience: "2s", flushEvery: "20ms", pollEvery: "50ms", now: () => clock.now } as const;
    const breaker = new CircuitBreaker(port, name, { ...usual, ...options });
    onTestFinished(() => breaker.close());
    return breaker;
  }

  const script = (words: readonly string[]): boolean => words[0] === "EVALSHA";

  test("a report whose reply is lost, twice, counts once", async () => {
    const breaker = breakerOf({ minimumCalls: 1_000, flushEvery: "10s" });
    await breaker.execute(() => 1);
    await breaker.flush();
    for (let round = 0; round < 2; round++) {
      const dropped = proxy.dropNextReply({ of: script });
      for (let n = 0; n < 10; n++) await breaker.execute(() => n);
      await breaker.flush();
      await dropped;
    }
    const witness = breakerOf({}, direct);
    expect(await witness.inspect()).toMatchObject({ calls: 21, failed: 0, source: "shared" });
  });

  test("a permit whose reply is lost, and a probe's end whose reply is lost, count once", async () => {
    const breaker = breakerOf({ probes: 2, flushEvery: "10s" });
    await failing(breaker, 4);
    clock.now += 10_000;
    const [permit, end] = [proxy.dropNextReply({ of: script }), proxy.dropNextReply({ of: script, after: 1 })];
    expect(await breaker.execute(() => "probe")).toBe("probe");
    await Promise.all([permit, end]);
    const witness = breakerOf({}, direct);
    expect(await witness.inspect()).toMatchObject({
      state: { state: "half-open" },
      probes: { underWay: 0, passed: 1, failed: 0 },
    });
    await breaker.execute(() => "probe");
    expect(breaker.state.state).toBe("closed");
  });

  test("a report that hung in the network is sent again as it was when Redis is back", async () => {
    const breaker = breakerOf({ minimumCalls: 1_000, patience: "500ms", pollEvery: "20s" });
    await breaker.execute(() => 1);
    await breaker.flush();
    const degraded = next(breaker, "degraded");
    proxy.blackHole();
    for (let n = 0; n < 5; n++) await expect(breaker.execute(fail)).rejects.toBe(boom);
    await degraded;
    for (let n = 0; n < 5; n++) await breaker.execute(() => n);
    expect(await breaker.inspect()).toMatchObject({ source: "local", calls: 11, failed: 5 });
    await proxy.heal();
    await expect.poll(async () => (await breaker.inspect()).source).toBe("shared");
    expect(await breakerOf({}, direct).inspect()).toMatchObject({ calls: 11, failed: 5 });
  });

  test("while Redis is stopped calls pass or are refused by the same rules, and none fails because of it", async () => {
    const breaker = breakerOf({ probes: 2, patience: "500ms", window: "10m" });
    await breaker.execute(() => 1);
    const degraded = next(breaker, "degraded");
    await server.kill();
    await breaker.execute(() => 2);
    await breaker.flush();
    await degraded;
    for (let n = 0; n < 2; n++) await expect(breaker.execute(fail)).rejects.toBe(boom);
    expect(await breaker.tryExecute(() => 1)).toEqual({ allowed: false, retryInMs: 10_000 });
    clock.now += 10_000;
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    expect(breaker.state).toMatchObject({ state: "open", attempt: 2, retryInMs: 20_000 });
    clock.now += 20_000;
    for (let n = 0; n < 2; n++) expect(await breaker.execute(() => n)).toBe(n);
    expect(breaker.state.state).toBe("closed");
    const restored = next(breaker, "restored");
    await server.restart();
    while ((await breaker.inspect()).source === "local") await new Promise(setImmediate);
    await restored;
    // What it saw before it had recovered is over.
    expect(await breaker.inspect()).toMatchObject({ state: { state: "closed" }, failed: 0 });
  });

  test("what several instances saw while Redis was away decides together when it is back", async () => {
    const [one, other] = [breakerOf({ patience: "500ms", minimumCalls: 6 }), breakerOf({ patience: "1s", minimumCalls: 6 })];
    await Promise.all([one.execute(() => 1), other.execute(() => 1)]);
    await Promise.all([one.flush(), other.flush()]);
    const degraded = Promise.all([next(one, "degraded"), next(other, "degraded")]);
    proxy.refuse();
    proxy.reset();
    await Promise.all([failing(one, 4), failing(other, 4)]);
    await degraded;
    for (const breaker of [one, other]) {
      expect((await breaker.inspect()).state.state).toBe("closed");
    }
    await proxy.heal();
    for (const breaker of [one, other]) {
      await expect.poll(async () => (await breaker.inspect()).source).toBe("shared");
    }
    await expect.poll(async () => (await one.inspect()).state.state).toBe("open");
    await expect(other.execute(() => 1)).rejects.toMatchObject({ code: "BREAKER_OPEN" });
  });

  test("an open breaker stays open when Redis goes away, for as long as it was to", async () => {
    const breaker = breakerOf({ patience: "500ms", pollEvery: "20s" });
    await failing(breaker, 4);
    await server.kill();
    clock.now += 9_000;
    expect(await breaker.tryExecute(() => 1)).toEqual({ allowed: false, retryInMs: 1_000 });
    clock.now += 1_000;
    expect(await breaker.execute(() => "probe")).toBe("probe");
    expect(await breaker.inspect()).toMatchObject({ source: "local", probes: { passed: 1 } });
  });

  test("a Redis that was never there delays the first call by no more than the patience, and no other", async () => {
    proxy.refuse();
    proxy.reset();
    const breaker = breakerOf({ patience: 100, pollEvery: "20s" });
    const from = performance.now();
    expect(await breaker.execute(() => 1)).toBe(1);
    const first = performance.now();
    expect(first - from).toBeLessThan(1_000);
    for (let n = 0; n < 1_000; n++) expect(await breaker.execute(() => n)).toBe(n);
    // Were they to wait as the first did, it would be a hundred seconds.
    expect(performance.now() - first).toBeLessThan(2_000);
  });

  test("scripts that were flushed and connections that were cut are nobody's concern", async () => {
    const [one, other] = [breakerOf(), breakerOf({ pollEvery: "20s" }, direct)];
    await Promise.all([one.execute(() => 1), other.execute(() => 1)]);
    await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
    await one.flush();
    proxy.reset();
    await failing(one, 4);
    await expect.poll(async () => (await one.inspect()).source).toBe("shared");
    await expect.poll(() => other.inspect()).toMatchObject({ state: { state: "open" }, source: "shared" });
  });

  test("an idle instance whose subscription was cut learns what it missed when it is back", async () => {
    const [idle, other] = [breakerOf({ pollEvery: "60s", flushEvery: "10s" }), breakerOf({}, direct)];
    await idle.execute(() => 1);
    await idle.flush();
    // The first message is heard, so it listens.
    await other.force("closed");
    await expect.poll(() => idle.state.state).toBe("forced-closed");
    proxy.refuse();
    proxy.reset();
    await other.force("open");
    await proxy.heal();
    await expect.poll(() => idle.state.state, { timeout: 10_000 }).toBe("forced-open");
  });

  test("a probe whose end Redis did not hear of is told when it is back, so that nobody waits for its lease", async () => {
    const breaker = breakerOf({ probes: 1, patience: "500ms", probeLease: "24h", pollEvery: "20s" });
    await failing(breaker, 4);
    clock.now += 10_000;
    await breaker.execute(() => {
      proxy.refuse();
      proxy.reset();
    });
    await proxy.heal();
    await expect.poll(async () => (await breaker.inspect()).source).toBe("shared");
    expect(await breakerOf({}, direct).inspect()).toMatchObject({ state: { state: "closed" } });
  });

  test("a probe's permit whose reply came too late is given back when Redis is back, so that nobody waits for its lease", async () => {
    const breaker = breakerOf({ probes: 1, patience: "1s", probeLease: "24h" });
    const witness = breakerOf({}, direct);
    // Once before, so that the script is known, and a call of it is one command.
    for (const delayMs of [0, 600]) {
      await failing(breaker, 4);
      clock.now += 10_000;
      proxy.delay(delayMs);
      expect(await breaker.execute(() => "probe")).toBe("probe");
    }
    await expect.poll(() => witness.inspect()).toMatchObject({ state: { state: "half-open" }, probes: { underWay: 1 } });
    await proxy.heal();
    await expect.poll(() => witness.inspect()).toMatchObject({ state: { state: "closed" } });
    await expect.poll(() => breaker.inspect()).toMatchObject({ state: { state: "closed" }, source: "shared" });
  });

  test("closing while Redis is away takes no longer than the patience", async () => {
    const breaker = breakerOf({ patience: 100 });
    await breaker.execute(() => 1);
    await server.kill();
    const from = performance.now();
    await breaker.close();
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
