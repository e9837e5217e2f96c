import fc from "fast-check";
import { expect, test } from "vitest";
import { Coalescer, type CoalescerLimits } from "./coalescer.ts";

interface Flight {
  readonly items: readonly number[];
  readonly land: () => void;
  readonly crash: (error: Error) => void;
}

/** Answers ten times each item, when the test lets a flight land. */
function airport(limits: CoalescerLimits): { readonly coalescer: Coalescer<number, number>; readonly flights: Flight[] } {
  const flights: Flight[] = [];
  const coalescer = new Coalescer<number, number>(
    (items) =>
      new Promise((resolve, crash) => flights.push({ items, land: () => resolve(items.map((item) => item * 10)), crash })),
    limits,
  );
  return { coalescer, flights };
}

const carried = (flights: readonly Flight[]): readonly (readonly number[])[] => flights.map((flight) => flight.items);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is asked for in one tick goes in one call, and each caller gets its own answer", async () => {
  const { coalescer, flights } = airport({ items: 100 });
  const answers = Promise.all([1, 2, 3].map((item) => coalescer.submit(item)));
  await tick();
  expect(carried(flights)).toEqual([[1, 2, 3]]);
  flights[0]?.land();
  expect(await answers).toEqual([10, 20, 30]);
});

test("while a call is in flight the next one gathers", async () => {
  const { coalescer, flights } = airport({ items: 100 });
  const first = coalescer.submit(1);
  await tick();
  const later = [2, 3].map((item) => coalescer.submit(item));
  await tick();
  expect([carried(flights), coalescer.waiting]).toEqual([[[1]], 2]);
  flights[0]?.land();
  await first;
  await tick();
  expect([carried(flights), coalescer.waiting]).toEqual([[[1], [2, 3]], 0]);
  flights[1]?.land();
  expect(await Promise.all(later)).toEqual([20, 30]);
});

test("no call carries more items than the limit, and no more calls fly than allowed", async () => {
  const { coalescer, flights } = airport({ items: 2, flights: 2 });
  const answers = [1, 2, 3, 4, 5].map((item) => coalescer.submit(item));
  await tick();
  expect(carried(flights)).toEqual([[1, 2]]); // A second call leaves a round later, so that they are not answered together.
  await tick();
  expect(carried(flights)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  flights[1]?.land();
  await answers[3];
  await tick();
  expect(carried(flights)[2]).toEqual([5]);
  for (const flight of flights) flight.land();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50]);
});

test("no call is heavier than the limit, except for one item that is too heavy on its own", async () => {
  const { coalescer, flights } = airport({ items: 9, flights: 9, weight: { of: (item: number) => item, max: 10 } });
  const answers = [4, 6, 1, 99, 5, 5].map((item) => coalescer.submit(item));
  for (let round = 0; round < 4; round++) await tick();
  expect(carried(flights)).toEqual([[4, 6], [1], [99], [5, 5]]);
  for (const flight of flights) flight.land();
  await Promise.all(answers);
});

test("many callers are spread over the calls that may leave", async () => {
  const { coalescer, flights } = airport({ items: 100, flights: 2 });
  const answers = Array.from({ length: 40 }, (_, item) => coalescer.submit(item));
  await tick();
  await tick();
  expect(carried(flights).map((items) => items.length)).toEqual([20, 20]);
  for (const flight of flights) flight.land();
  await Promise.all(answers);
});

test("with no limit on flights, everything leaves", async () => {
  const { coalescer, flights } = airport({ items: 10, flights: Number.POSITIVE_INFINITY });
  const answers = Array.from({ length: 50 }, (_, item) => coalescer.submit(item));
  for (let round = 0; carried(flights).flat().length < 50 && round < 100; round++) await tick();
  expect(carried(flights).flat()).toEqual(Array.from({ length: 50 }, (_, item) => item));
  for (const flight of flights) flight.land();
  await Promise.all(answers);
});

test("a call that fails fails for those it carried, and the next one leaves", async () => {
  const { coalescer, flights } = airport({ items: 2 });
  const answers = [1, 2, 3].map((item) => coalescer.submit(item));
  const outcome = Promise.allSettled(answers);
  await tick();
  flights[0]?.crash(new Error("no Redis"));
  await tick();
  flights[1]?.land();
  expect((await outcome).map((each) => each.status)).toEqual(["rejected", "rejected", "fulfilled"]);
  await expect(answers[0]).rejects.toThrow("no Redis");
});

test("a call that throws before it answers fails like any other", async () => {
  const coalescer = new Coalescer<number, number>(
    () => {
      throw new Error("at once");
    },
    { items: 2 },
  );
  await expect(coalescer.submit(1)).rejects.toThrow("at once");
  await expect(coalescer.submit(2)).rejects.toThrow("at once");
});

test("whatever the limits, every item is carried once and in order, and gets its answer", async () => {
  const limits = fc.record({
    items: fc.integer({ min: 1, max: 5 }),
    flights: fc.integer({ min: 1, max: 4 }),
    max: fc.integer({ min: 1, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(limits, fc.array(fc.integer({ min: 0, max: 30 })), async ({ items, flights: flightsMax, max }, sent) => {
      const seen: number[][] = [];
      let flying = 0;
      const coalescer = new Coalescer<number, number>(
        async (group) => {
          seen.push([...group]);
          expect(++flying).toBeLessThanOrEqual(flightsMax);
          await Promise.resolve();
          flying--;
          return group.map((item) => item * 10);
        },
        { items, flights: flightsMax, weight: { of: (item: number) => item, max } },
      );
      expect(await Promise.all(sent.map((item) => coalescer.submit(item)))).toEqual(sent.map((item) => item * 10));
      expect(seen.flat()).toEqual(sent);
      for (const group of seen) {
        expect(group.length).toBeLessThanOrEqual(items);
        if (group.length > 1) expect(group.reduce((sum, item) => sum + item)).toBeLessThanOrEqual(max);
      }
    }),
  );
});
