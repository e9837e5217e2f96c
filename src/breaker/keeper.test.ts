import type { RedisPort } from "redlua/client";
import { expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { CircuitOpenError } from "./errors.ts";
import { boom, describeBreakers, fail, failing, next, scriptsDuring } from "./fixtures/index.ts";

describeBreakers(["ioredis", "node-redis", "memory:"], (bench) => {
  test("making one sends nothing, and closing one that was not used does not either", async () => {
    const breaker = new CircuitBreaker(neverAsked, bench.name);
    expect(breaker.state).toEqual({ state: "closed", generation: -1 });
    await breaker.close();
    expect(await bench.keys()).toEqual([]);
  });

  test("the healthy path asks Redis nothing but one question at first, and then once a turn", async () => {
    const breaker = bench.breaker({ flushEvery: "10s" });
    await breaker.execute(() => 1);
    const asked = await scriptsDuring(async () => {
      for (let n = 0; n < 10_000; n++) await breaker.execute(() => n);
    });
    // A look after the subscription was confirmed may fall into this time.
    expect(asked.filter((script) => script !== "breaker.read")).toEqual([]);
    expect(await scriptsDuring(() => breaker.flush())).toContain("breaker.report");
    expect((await breaker.inspect()).calls).toBe(10_001);
  });

  test("another instance learns that it opened, before it has called anything in vain", async () => {
    const [one, other] = [bench.breaker(), bench.breaker({ pollEvery: "60s", flushEvery: "10s" })];
    await other.execute(() => 1);
    const listening = (): Promise<unknown> => bench.redis.send(["PUBSUB", "CHANNELS", `*${bench.name}*`], { resend: "ok" });
    await expect.poll(listening).toHaveLength(1);
    const opened = next(other, "opened");
    await failing(one, 4);
    const from = performance.now();
    await opened;
    // Only the message can have told it: its next report is due in ten seconds.
    expect(performance.now() - from).toBeLessThan(5_000);
    await expect(other.execute(() => "not called")).rejects.toThrow(CircuitOpenError);
  });

  test("without messages another instance learns it by asking, within the time between two questions", async () => {
    const deaf: RedisPort = {
      send: (...args) => bench.redis.send(...args),
      batch: (...args) => bench.redis.batch(...args),
      broadcast: (...args) => bench.redis.broadcast(...args),
      block: (...args) => bench.redis.block(...args),
      subscribe: () => Promise.reject(new Error("deaf")),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
      traits: bench.redis.traits,
    };
    // What is to be ignored is not reported, so no answer to a report tells either.
    const judgeResult = () => "ignore" as const;
    const other = bench.breaker({ pollEvery: "100ms", flushEvery: "20ms", judgeResult }, deaf);
    const one = bench.breaker();
    await other.execute(() => 1);
    await failing(one, 4);
    const from = performance.now();
    while (other.state.state === "closed") await other.tryExecute(() => new Promise(setImmediate));
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  test("a report that arrives after another instance opened it is refused by Redis itself", async () => {
    const [one, other] = [bench.breaker({ flushEvery: "10s" }), bench.breaker()];
    await one.execute(() => 1);
    await failing(other, 4);
    await one.flush();
    expect(one.state.state).toBe("open");
    bench.now += 10_000;
    for (let n = 0; n < 3; n++) await other.execute(() => 1);
    expect(await other.inspect()).toMatchObject({ state: { state: "closed" }, calls: 0 });
  });

  test("what many instances count at once adds up, and nothing is lost when they close", async () => {
    const instances = Array.from({ length: 4 }, () => bench.breaker({ minimumCalls: 1_000_000, slowCall: "1s" }));
    const calls = Array.from({ length: 2_000 }, (_, index) => {
      const breaker = instances[index % 4] as CircuitBreaker;
      return breaker.execute(() => (index % 10 === 0 ? fail() : index)).catch(() => {});
    });
    await Promise.all(calls);
    for (const breaker of instances.slice(1)) await breaker.close();
    expect(await instances[0]?.inspect()).toMatchObject({ calls: 2_000, failed: 200, reporters: 2 });
    await bench.expectEveryKeyToExpire(3);
  });

  test("what was counted is handed in by itself, and failures are not kept waiting", async () => {
    const [one, witness] = [bench.breaker({ minimumCalls: 100, flushEvery: "10s" }), bench.breaker({ minimumCalls: 100 })];
    await expect(one.execute(fail)).rejects.toBe(boom);
    await expect.poll(async () => (await witness.inspect()).failed, { timeout: 2_000 }).toBe(1);
    const slower = bench.breaker({ minimumCalls: 100, flushEvery: "50ms" });
    await slower.execute(() => 1);
    await expect.poll(async () => (await witness.inspect()).calls, { timeout: 2_000 }).toBe(2);
  });

  test("after it was closed calls are decided in this process alone, and nothing is sent", async () => {
    const breaker = bench.breaker();
    await breaker.execute(() => 1);
    await Promise.all([breaker.close(), breaker.close()]);
    const asked = await scriptsDuring(async () => {
      // With the one before it was closed these are four.
      for (let n = 0; n < 3; n++) await expect(breaker.execute(fail)).rejects.toBe(boom);
      await expect(breaker.execute(() => 1)).rejects.toThrow(CircuitOpenError);
      await breaker.flush();
    });
    expect(asked).toEqual([]);
  });

  test("a breaker that Redis has forgotten is closed again, and counts from the first call", async () => {
    const breaker = bench.breaker();
    await failing(breaker, 4);
    await Promise.all((await bench.keys()).map((key) => bench.redis.send(["DEL", key], { key, resend: "ok" })));
    bench.now += 10_000;
    await breaker.execute(() => 1);
    expect(breaker.state).toEqual({ state: "closed", generation: 0 });
    await failing(breaker, 3);
    expect(breaker.state.state).toBe("open");
  });
});
