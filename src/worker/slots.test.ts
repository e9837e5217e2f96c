import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

/** Somebody who takes slots, and notes when it is told that it is its turn. */
function taker(slots: Slots, name: string, told: string[]) {
  const turn = (): void => void told.push(name);
  return { take: (most: number) => slots.take(most, turn), leave: () => slots.leave(turn) };
}

test("slots are taken while there are any, and given back", () => {
  const slots = new Slots(3, true);
  const a = taker(slots, "a", []);
  expect([a.take(2), a.take(2), a.take(2)]).toEqual([2, 1, 0]);
  slots.give(2);
  expect(a.take(5)).toBe(2);
});

test("who finds none is told when it is its turn, in the order of asking, and nobody comes before it", () => {
  const told: string[] = [];
  const slots = new Slots(2, true);
  const [a, b, c] = ["a", "b", "c"].map((name) => taker(slots, name, told));
  expect([a?.take(2), b?.take(2), c?.take(2)]).toEqual([2, 0, 0]);
  slots.give(1);
  expect(told).toEqual(["b"]);
  expect([c?.take(1), a?.take(1)]).toEqual([0, 0]);
  expect(b?.take(2)).toBe(1);
  slots.give(2);
  expect(told).toEqual(["b", "c"]);
  expect(c?.take(1)).toBe(1);
  // What it left goes to the next.
  expect(told).toEqual(["b", "c", "a"]);
  expect(a?.take(1)).toBe(1);
});

test("who leaves the line lets the next have its turn", () => {
  const told: string[] = [];
  const slots = new Slots(1, true);
  const [a, b, c] = ["a", "b", "c"].map((name) => taker(slots, name, told));
  expect([a?.take(1), b?.take(1), c?.take(1)]).toEqual([1, 0, 0]);
  slots.give(1);
  b?.leave();
  expect(told).toEqual(["b", "c"]);
  expect([c?.take(1), b?.take(1)]).toEqual([1, 0]);
});

test("slots that were given away are taken back, there or not", () => {
  const told: string[] = [];
  const slots = new Slots(3, true);
  const [a, b] = ["a", "b"].map((name) => taker(slots, name, told));
  expect([a?.take(2), b?.take(1)]).toEqual([2, 1]);
  slots.give(2);
  expect(b?.take(1)).toBe(1);
  expect([slots.takeBack(2), slots.takeBack(1)]).toEqual([1, 0]);
  slots.give(1);
  slots.give(1);
  expect([b?.take(1), told]).toEqual([0, []]);
  slots.give(1);
  expect([told, b?.take(5)]).toEqual([["b"], 1]);
});
