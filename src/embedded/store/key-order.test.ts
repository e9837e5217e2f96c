import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyOrder } from "./key-order.ts";

/** One scan step: what it visited, and where it goes on. */
function step(order: KeyOrder, living: ReadonlyMap<string, unknown>, cursor: number, count: number): [number, string[]] {
  const found: string[] = [];
  let index = order.indexBefore(cursor);
  for (let left = count; left > 0 && index >= 0; left--, index--) if (living.has(order.at(index))) found.push(order.at(index));
  return [order.cursorAt(index + 1), found];
}

test("a scan meets every key that was there all the time, whatever comes and goes meanwhile, and it ends", () => {
  const change = fc.record({ add: fc.boolean(), key: fc.integer({ min: 0, max: 3000 }), many: fc.integer({ min: 1, max: 700 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.array(change, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (size, changes, count) => {
        const living = new Map<string, number>();
        for (let at = 0; at < size; at++) living.set(`k${at}`, 0);
        const order = new KeyOrder(living.keys());
        const lasting = new Set(living.keys());
        const met = new Set<string>();
        let cursor = 0;
        let steps = 0;
        do {
          const [next, found] = step(order, living, cursor, count);
          cursor = next;
          for (const key of found) met.add(key);
          const { add, key, many } = changes[steps++ % changes.length] as { add: boolean; key: number; many: number };
          for (let at = key; at < key + many; at++) {
            if (add && !living.has(`k${at}`)) {
              living.set(`k${at}`, 0);
              order.add(`k${at}`, living);
            } else if (!add && at % 3 !== 0) {
              living.delete(`k${at}`);
              lasting.delete(`k${at}`);
            }
          }
          order.tidy(living);
          expect(steps).toBeLessThan(20_000);
        } while (cursor !== 0);
        expect([...lasting].filter((key) => !met.has(key))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test("a key that a command takes away and puts back under a scan is met", () => {
  const living = new Map<string, number>();
  for (let at = 0; at < 100; at++) living.set(`k${at}`, 0);
  const order = new KeyOrder(living.keys());
  const met = new Set<string>();
  let [cursor, found] = step(order, living, 0, 10);
  for (let round = 0; round < 5000; round++) {
    living.delete("k5");
    living.set("k5", 0);
    order.add("k5", living);
  }
  do {
    for (const key of found) met.add(key);
    [cursor, found] = step(order, living, cursor, 10);
  } while (cursor !== 0);
  for (const key of found) met.add(key);
  expect(met.size).toBe(100);
});

test("entries of keys that went do not pile up", () => {
  const living = new Map<string, number>();
  const order = new KeyOrder(living.keys());
  for (let at = 0; at < 100_000; at++) {
    living.set(`k${at}`, 0);
    order.add(`k${at}`, living);
    living.delete(`k${at}`);
  }
  expect(order.length).toBeLessThan(1100);
});
