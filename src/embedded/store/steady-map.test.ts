import fc from "fast-check";
import { expect, test } from "vitest";
import { SteadyMap } from "./steady-map.ts";

test("it holds what a Map holds", () => {
  const step = fc.record({
    what: fc.constantFrom("set", "set", "delete", "clear"),
    name: fc.nat(200).map(String),
    value: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: "max" }), (steps) => {
      const map = new SteadyMap<number>();
      const model = new Map<string, number>();
      for (const [at, { what, name, value }] of steps.entries()) {
        if (what === "set") {
          map.set(name, value);
          model.set(name, value);
        } else if (what === "delete") {
          expect(map.delete(name)).toBe(model.delete(name));
        } else if (at % 50 === 0) {
          map.clear();
          model.clear();
        }
        expect([map.size, map.get(name), map.has(name)]).toEqual([model.size, model.get(name), model.has(name)]);
      }
      expect(Object.fromEntries(map)).toEqual(Object.fromEntries(model));
      expect([...map.keys()].toSorted()).toEqual([...model.keys()].toSorted());
      expect([...map.values()].toSorted()).toEqual([...model.values()].toSorted());
      const visited: [string, number][] = [];
      map.forEach((value, name) => {
        visited.push([name, value]);
      });
      expect(Object.fromEntries(visited)).toEqual(Object.fromEntries(model));
    }),
    { numRuns: 200 },
  );
});

test("names may be deleted while it is gone through", () => {
  const map = new SteadyMap<number>();
  for (let at = 0; at < 1000; at++) map.set(`n${at}`, at);
  let visited = 0;
  for (const name of map.keys()) {
    map.delete(name);
    visited++;
  }
  expect([visited, map.size, [...map]]).toEqual([1000, 0, []]);
});

test("a name that comes and goes beside many others costs no more than one alone", () => {
  const map = new SteadyMap<number>();
  for (let at = 0; at < 100_000; at++) map.set(`n${at}`, at);
  const started = performance.now();
  for (let at = 0; at < 50_000; at++) {
    map.set("lock", at);
    map.delete("lock");
  }
  // About 10 ms; a Map takes some 3,000.
  expect(performance.now() - started).toBeLessThan(500);
});

test("names that never come back leave nothing behind", () => {
  const map = new SteadyMap<number>();
  for (let at = 0; at < 10_000; at++) {
    map.set(`n${at}`, at);
    map.delete(`n${at}`);
  }
  const kept = [...Map.prototype.keys.call(map)].length;
  expect(kept).toBeLessThan(200);
});
