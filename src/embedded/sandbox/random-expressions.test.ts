import { afterAll, beforeAll, expect, test } from "vitest";
import { broken, expression, SideBySide } from "./fixtures/index.ts";

/** REDLUA_FUZZ_RUNS makes them more, as it does in the other random tests: 3000 are ten times as many. */
const times = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300) / 300;
const seed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start();
});
afterAll(() => both.stop());

const kinds = [
  { name: "expressions", snippets: expression, backend: "source", share: 28_000 },
  { name: "texts that are nearly Lua", snippets: broken, backend: "source", share: 6_000 },
  { name: "expressions", snippets: expression, backend: "closures", share: 10_000 },
] as const;

for (const { name, snippets, backend, share } of kinds) {
  const count = Math.round(share * times);
  test(`${count} random ${name}, compiled to ${backend}, do what they do in Redis`, { timeout: 15_000 + count * 6 }, async () => {
    const compared = await both.compare({ snippets, count, seed, backend });
    expect(compared).toBeGreaterThanOrEqual(count);
  });
}
