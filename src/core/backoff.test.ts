import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff } from "./backoff.ts";

test("each wait is twice the one before, up to the limit", () => {
  const wait = backoff({ base: "1s", max: "10s", jitter: "none" });
  expect([1, 2, 3, 4, 5, 6].map(wait)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("without options it starts at a second and never passes five minutes", () => {
  const longest = backoff({}, () => 1);
  expect(longest(1)).toBe(1000);
  expect(longest(1000)).toBe(300_000);
});

test("half jitter spreads over the upper half of the wait, full jitter over all of it", () => {
  const at = (jitter: "half" | "full", drawn: number) => backoff({ base: 1000, jitter }, () => drawn)(1);
  expect([at("half", 0), at("half", 0.5), at("full", 0), at("full", 0.5)]).toEqual([500, 750, 0, 500]);
});

const attempt = fc.integer({ min: 1, max: 100_000 });
const shape = {
  base: fc.integer({ min: 0, max: 3_600_000 }),
  factor: fc.double({ min: 1, max: 100, noNaN: true }),
  max: fc.integer({ min: 0, max: 86_400_000 }),
};

test("a wait is a whole number of milliseconds between nothing and the limit, whatever is drawn", () => {
  const jitter = fc.constantFrom("full", "half", "none");
  fc.assert(
    fc.property(fc.record({ ...shape, jitter }), attempt, fc.double({ min: 0, max: 1, noNaN: true }), (options, nth, drawn) => {
      const wait = backoff(options, () => drawn)(nth);
      expect(Number.isInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(options.max);
    }),
  );
});

test("without jitter no wait is shorter than the one before it", () => {
  fc.assert(
    fc.property(fc.record(shape), attempt, (options, nth) => {
      const wait = backoff({ ...options, jitter: "none" });
      expect(wait(nth + 1)).toBeGreaterThanOrEqual(wait(nth));
    }),
  );
});

test("what cannot be used is refused before the first wait", () => {
  expect(() => backoff({ factor: 0.5 })).toThrow("backoff.factor must be");
  expect(() => backoff({ jitter: "some" as "full" })).toThrow(
    'backoff.jitter must be one of "full", "half", "none", not "some".',
  );
  expect(() => backoff({ limit: 5 } as object)).toThrow('backoff has no option "limit"');
});
