import { channel } from "node:diagnostics_channel";
import { expect, onTestFinished, test, vi } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { CircuitOpenError } from "./errors.ts";
import { boom, describeBreakers, fail, failing, gate } from "./fixtures/index.ts";

describeBreakers(["ioredis", "memory:"], (bench) => {
  test("calls answer what they answer, now or later, and throw what they throw", async () => {
    const breaker = bench.breaker({ minimumCalls: 100 });
    for (let round = 0; round < 2; round++) {
      expect(await breaker.execute(() => 1)).toBe(1);
      expect(await breaker.execute(async () => "later")).toBe("later");
      await expect(breaker.execute(fail)).rejects.toBe(boom);
      await expect(breaker.execute(async () => fail())).rejects.toBe(boom);
    }
    expect(await breaker.inspect()).toMatchObject({ calls: 8, failed: 4, failureRate: 0.5, source: "shared" });
  });

  test("errors and answers are judged as their judges say", async () => {
    const breaker = bench.breaker({
      minimumCalls: 100,
      judgeError: (error) => (error === boom ? "ignore" : "failure"),
      judgeResult: (status: number) => (status >= 500 ? "failure" : status === 404 ? "ignore" : "success"),
    });
    for (const status of [200, 404, 500, 503]) await breaker.execute(() => status);
    for (const status of [200, 404, 500, 503]) await breaker.execute(async () => status);
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    await expect(breaker.execute(() => Promise.reject(new Error("other")))).rejects.toThrow("other");
    expect(await breaker.inspect()).toMatchObject({ calls: 7, failed: 5 });
  });

  test("a judge that throws fails no call, and its mistake is told as a warning", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const broken = (): never => {
      throw new Error("no judge");
    };
    const breaker = bench.breaker({ judgeError: broken, judgeResult: broken, minimumCalls: 100 });
    expect(await breaker.execute(() => 1)).toBe(1);
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    expect(await breaker.inspect()).toMatchObject({ calls: 2, failed: 1 });
    expect(warned.mock.calls.map(([text]) => text)).toEqual(Array(2).fill(expect.stringContaining("no judge")));
  });

  test("a judge that answers none of the three words fails no call, and its mistake is told as a warning", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const judges = { judgeError: (async () => "ignore") as never, judgeResult: ((answer: number) => answer < 500) as never };
    const breaker = bench.breaker({ ...judges, minimumCalls: 100 });
    expect(await breaker.execute(() => 503)).toBe(503);
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    expect(await breaker.inspect()).toMatchObject({ calls: 2, failed: 1 });
    const [result, error] = warned.mock.calls.map(([text]) => text);
    expect(result).toContain('answered false, not "success", "failure" or "ignore"');
    expect(error).toContain("answered an object (Promise)");
  });

  test("what is no function is refused: it is no failure of what is called, and no fallback answers for it", async () => {
    const breaker = bench.breaker({ minimumCalls: 1 });
    const promised = Promise.resolve(1) as never;
    const refused = { code: "INPUT_INVALID", field: "work" };
    await expect(breaker.execute(promised)).rejects.toMatchObject(refused);
    await expect(breaker.execute(promised, { fallback: () => 2 })).rejects.toMatchObject(refused);
    await expect(breaker.tryExecute(promised)).rejects.toMatchObject(refused);
    await expect(breaker.execute(() => 1, { fallback: 2 as never })).rejects.toMatchObject({ field: "fallback" });
    expect(await breaker.inspect()).toMatchObject({ calls: 0, failed: 0, state: { state: "closed" } });
  });

  test("a call that takes too long is told, fails, and counts as failed", async () => {
    const breaker = bench.breaker({ timeout: 20, minimumCalls: 2 });
    let told: unknown;
    const forever = ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
      signal.addEventListener("abort", () => {
        told = signal.reason;
      });
      return new Promise(() => {});
    };
    const error = await breaker.execute(forever).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "BREAKER_TIMEOUT", timeoutMs: 20, breaker: bench.name });
    expect(told).toBe(error);
    await expect(breaker.execute(forever, { timeout: "10ms" })).rejects.toMatchObject({ timeoutMs: 10 });
    await breaker.flush();
    expect(breaker.state.state).toBe("open");
  });

  test("what a call that was given up does afterwards harms nobody", async () => {
    const breaker = bench.breaker({ timeout: 5 });
    const ready = gate();
    const after = breaker.execute(() => ready.passed.then(fail));
    await expect(after).rejects.toMatchObject({ code: "BREAKER_TIMEOUT" });
    ready.open();
    await new Promise(setImmediate);
    expect(await breaker.inspect()).toMatchObject({ calls: 1, failed: 1 });
  });

  test("a caller that gives up is no failure, before the call or during it", async () => {
    const breaker = bench.breaker({ minimumCalls: 1 });
    const before = AbortSignal.abort(new Error("never mind"));
    await expect(breaker.execute(() => 1, { signal: before })).rejects.toThrow("never mind");
    const controller = new AbortController();
    const during = breaker.execute(
      ({ signal }) => {
        controller.abort(new Error("enough"));
        expect(signal.aborted).toBe(true);
        return new Promise(() => {});
      },
      { signal: controller.signal },
    );
    await expect(during).rejects.toThrow("enough");
    expect(await breaker.inspect()).toMatchObject({ state: { state: "closed" }, calls: 0 });
  });

  test("a fallback answers for what was refused and what failed, and for nothing else", async () => {
    const breaker = bench.breaker({ judgeError: (error) => (error === boom ? "failure" : "ignore") });
    const errors: unknown[] = [];
    const fallback = (error: unknown): string => {
      errors.push(error);
      return "instead";
    };
    for (let n = 0; n < 4; n++) expect(await breaker.execute<string>(fail, { fallback })).toBe("instead");
    await breaker.flush();
    expect(await breaker.execute(() => "not called", { fallback })).toBe("instead");
    expect(errors).toEqual([boom, boom, boom, boom, expect.any(CircuitOpenError)]);
    await breaker.reset();
    expect(await breaker.execute(() => "fine", { fallback })).toBe("fine");
    await expect(breaker.execute<string>(() => Promise.reject(new Error("mine")), { fallback })).rejects.toThrow("mine");
  });

  test("everything that happens is told, to listeners and on diagnostics channels", async () => {
    const breaker = bench.breaker({ probes: 1 });
    const heard: unknown[] = [];
    const published: unknown[] = [];
    const hear = (event: unknown): void => void ((event as { breaker: string }).breaker === bench.name && published.push(event));
    for (const event of ["opened", "half-open", "closed", "rejected", "call"] as const) {
      breaker.on(event, (facts) => heard.push({ event, ...facts }));
      channel(`redlua:breaker:${event}`).subscribe(hear);
      onTestFinished(() => void channel(`redlua:breaker:${event}`).unsubscribe(hear));
    }
    await breaker.execute(() => bench.pass(5));
    await failing(breaker, 3);
    await breaker.tryExecute(() => 1);
    bench.now += 10_000;
    await breaker.execute(() => 1);
    const call = { event: "call", breaker: bench.name, slow: false, late: false, probe: false, durationMs: 0 };
    const generation = expect.any(Number);
    expect(heard).toEqual([
      { ...call, outcome: "success", durationMs: 5 },
      ...Array.from({ length: 3 }, () => ({ ...call, outcome: "failure", error: boom })),
      { event: "opened", breaker: bench.name, generation, attempt: 1, retryInMs: 10_000 },
      { event: "rejected", breaker: bench.name, retryInMs: 10_000 },
      { event: "half-open", breaker: bench.name, generation },
      { ...call, outcome: "success", probe: true },
      { event: "closed", breaker: bench.name, generation },
    ]);
    expect(published.length).toBe(heard.length);
  });
});

test.each<[object, string, string]>([
  [{ failureRat: 1 }, "OPTION_UNKNOWN", 'CircuitBreaker has no option "failureRat". Did you mean "failureRate"?'],
  [{ failureRate: 1.5 }, "OPTION_INVALID", "CircuitBreaker.failureRate must be"],
  [{ failureRate: 0 }, "OPTION_INVALID", "CircuitBreaker.failureRate must be"],
  [{ window: "1x" }, "OPTION_INVALID", "CircuitBreaker.window must be"],
  [{ open: { bas: 1 } }, "OPTION_UNKNOWN", 'CircuitBreaker.open has no option "bas". Did you mean "base"?'],
  [{ open: 5 }, "OPTION_INVALID", "CircuitBreaker.open must be"],
  [{ open: { base: "1m", max: "30s" } }, "OPTION_INVALID", "CircuitBreaker.open.max (30000 ms) must not be less than base"],
  [{ probeFailures: 3 }, "OPTION_INVALID", "CircuitBreaker.probeFailures (3) must be less than probes (3)"],
  [{ scope: "all" }, "OPTION_INVALID", 'CircuitBreaker.scope must be one of "shared", "local"'],
])("%o is refused before anything is sent", (options, code, message) => {
  const make = (): unknown => new CircuitBreaker(neverAsked, "x", options);
  expect(make).toThrow(expect.objectContaining({ code }));
  expect(make).toThrow(message);
});

test("a call's options are refused when they are unknown or cannot be used", async () => {
  const breaker = new CircuitBreaker(neverAsked, "x", { scope: "local" });
  await expect(breaker.execute(() => 1, { timeot: 1 } as object)).rejects.toThrow('execute has no option "timeot"');
  await expect(breaker.tryExecute(() => 1, { timeout: "x" as "1s" })).rejects.toThrow("timeout must be a duration");
  await expect(breaker.force("ajar" as "open")).rejects.toThrow('not "ajar"');
  expect(() => new CircuitBreaker(neverAsked, "")).toThrow("name must be text");
  await breaker.close();
});
