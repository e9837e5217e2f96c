import { afterAll, beforeAll, expect, test } from "vitest";
import { SideBySide, sequence, yielding } from "./fixtures/index.ts";

/** REDLUA_FUZZ_RUNS makes them more, as it does in the other random tests: 3000 are ten times as many. */
const times = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300) / 300;
const seed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start();
});
afterAll(() => both.stop());

const kinds = [
  { name: "sequences of statements", snippets: sequence, backend: "source", share: 6_000 },
  { name: "sequences with coroutines", snippets: yielding, backend: "source", share: 1_000 },
  { name: "sequences of statements", snippets: sequence, backend: "closures", share: 4_000 },
  { name: "sequences with coroutines", snippets: yielding, backend: "closures", share: 1_000 },
] as const;

for (const { name, snippets, backend, share } of kinds) {
  const count = Math.round(share * times);
  test(`${count} random ${name}, compiled to ${backend}, do what they do in Redis`, { timeout: 15_000 + count * 6 }, async () => {
    const compared = await both.compare({ snippets, count, seed, backend });
    expect(compared).toBeGreaterThanOrEqual(count);
  });
}
