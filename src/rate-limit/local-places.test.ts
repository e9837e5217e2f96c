import { expect, test } from "vitest";
import { LocalPlaces } from "./local-places.ts";

test("an identity whose places lapsed and who never came back is forgotten", () => {
  let now = 0;
  const places = new LocalPlaces(1, 1_000, () => now);
  for (let index = 0; index < 100; index++) expect(places.take(`user ${index}`, "permit", 1)).toBeDefined();
  now = 500;
  expect(places.take("late", "permit", 1)).toBeDefined();
  places.sweep();
  expect(places.identities).toBe(101);
  now = 1_000;
  places.sweep();
  // Looked at once a lease: what was there a moment ago is not looked at again.
  expect(places.identities).toBe(101);
  now = 1_500;
  places.sweep();
  expect(places.identities).toBe(0);
});

test("a place that lapsed is not prolonged, and ending it does not end the one that was given since", () => {
  let now = 0;
  const places = new LocalPlaces(2, 1_000, () => now);
  const first = places.take("a", "first", 2);
  expect(places.take("a", "second", 1)).toBeUndefined();
  now = 999;
  first?.prolong();
  now = 1_998;
  expect(places.take("a", "second", 1)).toBeUndefined();
  now = 1_999;
  first?.prolong();
  expect(places.take("a", "second", 1)).toBeDefined();
  first?.end();
  expect(places.take("a", "third", 2)).toBeUndefined();
  expect(places.take("a", "third", 1)).toBeDefined();
});
