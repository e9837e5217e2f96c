import { expect, test } from "vitest";
import { randomId } from "./index.ts";

const ids = Array.from({ length: 20_000 }, randomId);

test("no random id comes twice, and none begins with a dash", () => {
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[A-Za-f][\w-]{21}$/);
});

test("each of 127 bits of a random id is as often 1 as 0", () => {
  const bytes = ids.map((id) => Buffer.from(id, "base64url"));
  const half = ids.length / 2;
  for (let bit = 1; bit < 128; bit++) {
    const ones = bytes.filter((each) => ((each[bit >> 3] as number) >> (7 - (bit & 7))) & 1).length;
    // Seven standard deviations: one run in 3 × 10^9 fails by chance.
    expect(Math.abs(ones - half), `bit ${bit}`).toBeLessThan((7 * Math.sqrt(ids.length)) / 2);
  }
});
