import { expect, test } from "vitest";
import { CircuitOpenError } from "./errors.ts";
import { boom, describeBreakers, fail, failing, gate, hearScripts, next, noon, scriptsDuring } from "./fixtures/index.ts";

describeBreakers(["ioredis", "node-redis", "a cluster", "memory:"], (bench) => {
  test("it opens when enough calls failed, and refuses with when to try again", async () => {
    const breaker = bench.breaker({ open: { base: "10s" } });
    const opened = next(breaker, "opened");
    for (let n = 0; n < 2; n++) await breaker.execute(() => "fine");
    await failing(breaker, 2);
    expect(await opened).toEqual({ breaker: bench.name, generation: noon, attempt: 1, retryInMs: 10_000 });
    bench.now += 4_000;
    const error = await breaker.execute(() => "not called").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ code: "BREAKER_OPEN", breaker: bench.name, retryInMs: 6_000 });
    expect(await breaker.tryExecute(() => "not called")).toEqual({ allowed: false, retryInMs: 6_000 });
    expect(breaker.state).toEqual({ state: "open", generation: noon, attempt: 1, retryInMs: 6_000 });
    await bench.expectEveryKeyToExpire();
  });

  test("it does not open below the rate, nor with fewer calls than the minimum", async () => {
    const breaker = bench.breaker();
    await failing(breaker, 3);
    expect((await breaker.inspect()).state.state).toBe("closed");
    bench.now += 60_000;
    for (let n = 0; n < 3; n++) await breaker.execute(() => "fine");
    await failing(breaker, 2);
    expect(await breaker.inspect()).toMatchObject({ state: { state: "closed" }, calls: 5, failed: 2 });
  });

  test("it opens when enough calls were slow", async () => {
    const breaker = bench.breaker({ slowCall: "1s", slowCallRate: 0.5 });
    const slowly = (): void => bench.pass(1_001);
    for (let n = 0; n < 2; n++) await breaker.execute(() => "fast");
    for (let n = 0; n < 2; n++) await breaker.execute(slowly);
    await breaker.flush();
    expect(breaker.state.state).toBe("open");
  });

  test("of 1,000 callers in two instances as many probe as there are permits, few ask Redis, and when all passed it closes", async () => {
    const [one, other] = [bench.breaker({ probes: 5 }), bench.breaker({ probes: 5 })];
    await other.execute(() => 1);
    await failing(one, 4);
    await other.flush();
    bench.now += 10_000;
    const ready = gate();
    let calls = 0;
    const asked = hearScripts();
    const callers = Array.from({ length: 1_000 }, (_, index) =>
      (index % 2 === 0 ? one : other).tryExecute(async ({ probe }) => {
        calls++;
        await ready.passed;
        return probe;
      }),
    );
    const refused = callers.map((caller) => caller.then((attempt) => !attempt.allowed));
    await expect.poll(() => calls).toBe(5);
    const closed = next(one, "closed");
    ready.open();
    expect((await Promise.all(refused)).filter(Boolean).length).toBe(995);
    // Each instance once; and once more if the news of what it did itself came between.
    expect(asked.ran.filter((script) => script === "breaker.acquire").length).toBeLessThanOrEqual(4);
    asked.stop();
    await closed;
    expect((await Promise.all(callers)).filter((attempt) => attempt.allowed && attempt.value).length).toBe(5);
    expect((await one.inspect()).state.state).toBe("closed");
    expect(calls).toBe(5);
    await bench.expectEveryKeyToExpire();
  });

  test("a probe that fails opens it again, for longer each time, up to the limit", async () => {
    const breaker = bench.breaker({ open: { base: "10s", factor: 3, max: "50s" } });
    await failing(breaker, 4);
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { state } = breaker;
      if (state.state !== "open") throw new Error(state.state);
      waits.push(state.retryInMs);
      bench.now += state.retryInMs;
      await failing(breaker, 1);
    }
    expect(waits).toEqual([10_000, 30_000, 50_000, 50_000]);
    bench.now += 50_000;
    for (let n = 0; n < 3; n++) await breaker.execute(() => "fine");
    expect(breaker.state.state).toBe("closed");
    await failing(breaker, 4);
    expect(breaker.state).toMatchObject({ state: "open", attempt: 1, retryInMs: 10_000 });
  });

  test("a first time that is longer than the usual limit lasts as long as it says", async () => {
    const breaker = bench.breaker({ open: { base: "10m" } });
    await failing(breaker, 4);
    expect(breaker.state).toMatchObject({ state: "open", retryInMs: 600_000 });
  });

  test("a call that passes while nothing is counted is not late", async () => {
    const breaker = bench.breaker();
    await breaker.force("disabled");
    const late: boolean[] = [];
    breaker.on("call", (call) => late.push(call.late));
    await breaker.execute(() => breaker.execute(() => 1));
    await breaker.execute(async () => await breaker.reset());
    expect(late).toEqual([false, false, true]);
  });

  test("some probes may fail if that is said, and a slow one counts as failed", async () => {
    const breaker = bench.breaker({ probes: 3, probeFailures: 1, slowCall: "1s" });
    await failing(breaker, 4);
    bench.now += 10_000;
    await breaker.execute(() => bench.pass(1_001));
    expect((await breaker.inspect()).probes).toEqual({ underWay: 0, passed: 0, failed: 1 });
    await breaker.execute(() => 1);
    await breaker.execute(() => 1);
    expect(breaker.state.state).toBe("closed");
  });

  test("a probe that is to be ignored gives its permit back, uncounted", async () => {
    const judgeError = (error: unknown) => (error === boom ? "failure" : "ignore");
    const [one, other] = [bench.breaker({ probes: 1, judgeError }), bench.breaker({ probes: 1, judgeError })];
    await failing(one, 4);
    bench.now += 10_000;
    const ready = gate();
    const begun = gate();
    const probe = one.execute(async () => {
      begun.open();
      await ready.passed;
      throw new Error("no such card");
    });
    await begun.passed;
    expect(await other.tryExecute(() => 1)).toMatchObject({ allowed: false });
    ready.open();
    await expect(probe).rejects.toThrow("no such card");
    expect((await one.inspect()).probes).toEqual({ underWay: 0, passed: 0, failed: 0 });
    // The other was told to wait; the message that a permit is free says otherwise.
    await expect.poll(() => other.tryExecute(() => "probe")).toEqual({ allowed: true, value: "probe" });
    expect(other.state.state).toBe("closed");
  });

  test("who wants no more probes than have passed already closes it, as when a deploy lowers them half way", async () => {
    const [before, after] = [bench.breaker({ probes: 4 }), bench.breaker({ probes: 2 })];
    await failing(before, 4);
    bench.now += 10_000;
    for (let probe = 0; probe < 2; probe++) await before.execute(() => "probe");
    expect((await before.inspect()).state.state).toBe("half-open");
    expect(await after.execute(() => "through")).toBe("through");
    expect(after.state.state).toBe("closed");
  });

  test("a permit whose lease lapsed comes back, and what its probe shows then does not count", async () => {
    const breaker = bench.breaker({ probes: 1, probeLease: "5s" });
    await failing(breaker, 4);
    bench.now += 10_000;
    const ready = gate();
    const begun = gate();
    const lost = breaker.execute(async () => {
      begun.open();
      await ready.passed;
      throw boom;
    });
    await begun.passed;
    expect(await breaker.tryExecute(() => 1)).toMatchObject({ allowed: false });
    bench.now += 5_001;
    expect(await breaker.execute(() => "probe")).toBe("probe");
    expect(breaker.state.state).toBe("closed");
    ready.open();
    await expect(lost).rejects.toBe(boom);
    expect(breaker.state.state).toBe("closed");
  });

  test("results of calls that began before it opened or closed are not counted", async () => {
    const breaker = bench.breaker({ probes: 1 });
    const early = gate();
    await breaker.execute(() => 1);
    const late = Array.from({ length: 10 }, () => breaker.execute(() => early.passed.then(fail)));
    const outcomes = Promise.allSettled(late);
    await failing(breaker, 4);
    bench.now += 10_000;
    await breaker.execute(() => 1);
    expect(breaker.state.state).toBe("closed");
    const heard: boolean[] = [];
    breaker.on("call", (event) => heard.push(event.late));
    early.open();
    expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
    expect(heard).toEqual(Array(10).fill(true));
    expect(await breaker.inspect()).toMatchObject({ state: { state: "closed" }, calls: 0, failed: 0 });
  });

  test("forced open it refuses, forced closed it only counts, disabled it does not even count", async () => {
    const breaker = bench.breaker({ minimumCalls: 2 });
    await breaker.force("open", { for: "1h" });
    expect(await breaker.tryExecute(() => 1)).toEqual({ allowed: false, retryInMs: 3_600_000 });
    await breaker.force("closed");
    await failing(breaker, 5);
    expect(await breaker.inspect()).toMatchObject({
      state: { state: "forced-closed", leftMs: 86_400_000 },
      calls: 5,
      failed: 5,
    });
    await breaker.force("disabled");
    await failing(breaker, 5);
    expect(await breaker.inspect()).toMatchObject({ state: { state: "disabled" }, calls: 0 });
    await bench.expectEveryKeyToExpire();
    await breaker.reset();
    await failing(breaker, 2);
    expect(breaker.state.state).toBe("open");
  });

  test("a forced state ends by itself, in every instance", async () => {
    const [one, other] = [bench.breaker(), bench.breaker({ pollEvery: "50ms" })];
    await other.execute(() => 1);
    await one.force("open", { for: "1m" });
    // The message, or the next question, tells the other.
    while (other.state.state === "closed") await other.tryExecute(() => new Promise(setImmediate));
    await expect(other.execute(() => 1)).rejects.toMatchObject({ retryInMs: 60_000 });
    bench.now += 60_000;
    expect(await Promise.all([one.execute(() => 1), other.execute(() => 2)])).toEqual([1, 2]);
  });

  test("with minReporters one bad machine does not decide for all", async () => {
    const [bad, other] = [bench.breaker({ minReporters: 2 }), bench.breaker({ minReporters: 2 })];
    await failing(bad, 20);
    expect(await bad.inspect()).toMatchObject({ state: { state: "closed" }, failureRate: 1, reporters: 1 });
    await failing(other, 1);
    expect(other.state.state).toBe("open");
  });

  test("a breaker of local scope asks nobody, and keeps the same rules", async () => {
    const breaker = bench.breaker({ scope: "local", probes: 2 });
    const asked = await scriptsDuring(async () => {
      await breaker.execute(() => 1);
      for (let n = 0; n < 3; n++) await expect(breaker.execute(fail)).rejects.toBe(boom);
      expect(await breaker.tryExecute(() => 1)).toEqual({ allowed: false, retryInMs: 10_000 });
      bench.now += 10_000;
      for (let n = 0; n < 2; n++) await breaker.execute(() => 1);
      expect(await breaker.inspect()).toMatchObject({ state: { state: "closed" }, source: "local" });
      await breaker.force("open");
      expect(breaker.state.state).toBe("forced-open");
    });
    expect([asked, await bench.keys()]).toEqual([[], []]);
  });
});
