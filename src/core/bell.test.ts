import { expect, test } from "vitest";
import { Bell } from "./index.ts";

const longer = 60_000;

test("a ring wakes who waits, and is over then", async () => {
  const bell = new Bell();
  const waits = bell.rung(longer);
  bell.ring();
  await waits;
  const begun = performance.now();
  await bell.rung(20);
  expect(performance.now() - begun).toBeGreaterThan(15);
});

test("a ring that nobody waits for is heard by the next who does, once, however often it rang", async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.rung(longer);
  let heard = false;
  const waits = bell.rung(20).then(() => {
    heard = true;
  });
  await Promise.resolve();
  expect(heard).toBe(false);
  await waits;
});
