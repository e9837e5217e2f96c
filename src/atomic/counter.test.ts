import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { keysOf, type OpenPlace, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import { Counter, type CounterOptions, type Period } from "./index.ts";

const noon = Date.UTC(2024, 1, 28, 12);

/** When the period ends that holds a moment, by JavaScript's own calendar. */
function endOf(period: Period, moment: number, offsetMs: number): number {
  const here = new Date(moment + offsetMs);
  const [year, month, day] = [here.getUTCFullYear(), here.getUTCMonth(), here.getUTCDate()];
  const weekday = (here.getUTCDay() + 6) % 7;
  const ends: Record<string, () => number> = {
    minute: () => Date.UTC(year, month, day, here.getUTCHours(), here.getUTCMinutes() + 1),
    hour: () => Date.UTC(year, month, day, here.getUTCHours() + 1),
    day: () => Date.UTC(year, month, day + 1),
    week: () => Date.UTC(year, month, day - weekday + 7),
    month: () => Date.UTC(year, month + 1, 1),
    year: () => Date.UTC(year + 1, 0, 1),
    "15m": () => (Math.floor(here.getTime() / 900_000) + 1) * 900_000,
  };
  return (ends[String(period)] as () => number)() - offsetMs;
}

describeCounter("over ioredis", servers.ioredis, 60);
describeCounter("over node-redis", servers["node-redis"], 6);
describeCounter("over memory:", servers["memory:"], 6);

/** @param runs how many random histories are played */
function describeCounter(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test("a counter counts and begins anew as a simple one does whose clock is moved", async () => {
      const step = fc.oneof(
        { weight: 5, arbitrary: fc.record({ do: fc.constant("increment" as const), by: fc.bigInt({ min: -3n, max: 9n }) }) },
        fc.record({ do: fc.constant("get" as const) }),
        fc.record({ do: fc.constant("reset" as const) }),
        fc.record({ do: fc.constant("wait until it ends" as const) }),
        fc.record({
          do: fc.constant("wait" as const),
          ms: fc.constantFrom(1, 59_999, 60_000, 3_600_000, 86_400_000, 20 * 86_400_000),
        }),
      );
      const kind = fc.constantFrom<Partial<CounterOptions>>(
        { after: "1h" },
        ...(["minute", "hour", "day", "week", "month", "year", "15m"] as const).map((each) => ({ each })),
      );
      const input = fc.record({
        kind,
        threshold: fc.option(fc.integer({ min: 9, max: 20 }), { nil: undefined }),
        offset: fc.constantFrom("Z", "+02:00", "-05:30", "+14:00"),
        start: fc.integer({ min: noon - 4e11, max: noon + 4e11 }),
        steps: fc.array(step, { maxLength: 14 }),
      });
      let run = 0;
      const property = fc.asyncProperty(input, async ({ kind: { after, each }, threshold, offset, start, steps }) => {
        const clock = { now: start };
        const [hours, minutes] = offset === "Z" ? [0, 0] : (offset.slice(1).split(":").map(Number) as [number, number]);
        const offsetMs = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
        const counter = new Counter(place.redis, {
          name: `c${run++}`,
          offset,
          now: () => clock.now,
          ...(after === undefined ? { each: each as Period } : { after }),
          ...(threshold !== undefined && { threshold }),
        });
        let held: { value: bigint; resetAt: number } | undefined;
        const shown = (): object => ({ ...held, resetInMs: (held?.resetAt ?? 0) - clock.now });
        const endsAt = (): number => (each === undefined ? clock.now + 3_600_000 : endOf(each, clock.now, offsetMs));
        for (const what of steps) {
          // Redis' own clock is not moved: a key must not have so little time left that it passes while the test runs.
          for (const end of [endsAt(), held?.resetAt ?? 0]) if (end > clock.now && end - clock.now < 10_000) clock.now = end;
          if (held !== undefined && held.resetAt <= clock.now) held = undefined;
          if (what.do === "wait") clock.now += what.ms;
          else if (what.do === "wait until it ends") clock.now = held?.resetAt ?? clock.now;
          else if (what.do === "get") expect(await counter.get("x")).toEqual(held === undefined ? null : shown());
          else if (what.do === "reset") {
            expect(await counter.reset("x")).toBe(held?.value ?? 0n);
            held = undefined;
          } else {
            const began = held === undefined || (threshold !== undefined && held.value + what.by > BigInt(threshold));
            if (began || held === undefined) {
              const resetAt = endsAt();
              held = { value: what.by, resetAt };
            } else held = { ...held, value: held.value + what.by };
            expect(await counter.increment("x", what.by)).toEqual({ ...shown(), began });
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("it is exact beyond 2^53, and so is its threshold", async () => {
      const max = 2n ** 62n + 1n;
      const counter = new Counter(place.redis, { name: "big", after: "1h", threshold: max });
      expect((await counter.increment("x", 2n ** 53n)).value).toBe(2n ** 53n);
      expect((await counter.increment("x")).value).toBe(2n ** 53n + 1n);
      expect((await counter.get("x"))?.value).toBe(2n ** 53n + 1n);
      expect(await counter.increment("x", max - 2n ** 53n - 1n)).toMatchObject({ value: max, began: false });
      expect(await counter.increment("x", max)).toMatchObject({ value: max, began: true });
      expect(await counter.increment("x")).toMatchObject({ value: 1n, began: true });
    });

    test("without a threshold it does not go beyond 64 bits, and keeps what it has", async () => {
      const counter = new Counter(place.redis, { name: "full", after: "1h" });
      await counter.increment("x", 2n ** 63n - 2n);
      await expect(counter.increment("x", 2)).rejects.toThrow("overflow");
      expect(await counter.increment("x")).toMatchObject({ value: 2n ** 63n - 1n, began: false });
    });

    test("200 callers at once lose nothing, and its key expires when its period ends", async () => {
      const { redis } = place;
      const counter = new Counter(redis, { name: "many", after: "1h" });
      const all = await Promise.all(Array.from({ length: 200 }, () => counter.increment("x")));
      expect(new Set(all.map(({ value }) => value)).size).toBe(200);
      expect(all.filter(({ began }) => began)).toHaveLength(1);
      expect((await counter.get("x"))?.value).toBe(200n);
      const [key] = await keysOf(redis);
      expect(key).toBe("counter:{x}:many");
      const ttl = await ttlOf(redis, key as string);
      expect(ttl).toBeGreaterThan(3_590_000);
      expect(ttl).toBeLessThanOrEqual(3_600_000);
    });

    test("by the server's clock a day ends at the next midnight of its offset", async () => {
      const counter = new Counter(place.redis, { name: "daily", each: "day", offset: "-05:30" });
      const { resetAt, resetInMs } = await counter.increment("x");
      expect((resetAt - 5.5 * 3_600_000) % 86_400_000).toBe(0);
      expect(resetInMs).toBeGreaterThan(0);
      expect(resetInMs).toBeLessThanOrEqual(86_400_000);
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const redis = neverAsked;
  const make = (options: object) => async (): Promise<unknown> => new Counter(redis, options as never);
  const counter = new Counter(redis, { name: "c", after: "1h", threshold: 10 });
  const refused: readonly [() => Promise<unknown>, string][] = [
    [make({ after: "1h" }), "OPTION_MISSING Counter.name"],
    [make({ name: "c" }), "OPTION_MISSING Counter.each"],
    [make({ name: "c", after: "1h", each: "day" }), "OPTION_INVALID Counter.each"],
    [make({ name: "c", each: "days" }), "OPTION_INVALID Counter.each"],
    [make({ name: "c", each: "day", offset: "+2" }), "OPTION_INVALID Counter.offset"],
    [make({ name: "a}b", after: "1h" }), "INPUT_INVALID Counter.name"],
    [make({ name: "c", aftr: "1h" }), "OPTION_UNKNOWN Counter.aftr"],
    [() => counter.increment("x", 11), "INPUT_INVALID by"],
    [() => counter.increment("x", 0.5), "INPUT_INVALID by"],
    [() => counter.increment(""), "INPUT_INVALID id"],
  ];
  for (const [attempt, expected] of refused) {
    const { code, field } = (await refusal(attempt())) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
