import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitraryList, arbitraryProgram, arbitraryTable, Oracle, programsOf, runHere } from "./fixtures/index.ts";
import type { CompileOptions } from "./index.ts";

const RUNS = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 1_000);
const SEED = Number(process.env["REDLUA_FUZZ_SEED"] ?? 1);
const BATCH = 250;

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
});
afterAll(() => oracle.stop());

/** The programs that do something else here than in Redis, with both outcomes. */
async function differences(programs: readonly string[], options: CompileOptions): Promise<readonly string[]> {
  const theirs = await oracle.run(programs);
  const ours = runHere(programs, options);
  return programs.flatMap((program, at) =>
    ours[at] === theirs[at] ? [] : [`${program}\n  Redis: ${theirs[at]}\n  here:  ${ours[at]}`],
  );
}

describe.each(["source", "closures"] as const)("compiled to %s", (backend) => {
  test.each(programsOf())("programs about $topic do what they do in Redis", async ({ programs }) => {
    expect((await differences(programs, { backend })).join("\n\n")).toBe("");
  });

  test("programs whose statements are counted do what they do uncounted", () => {
    const random = fc.sample(arbitraryProgram, { numRuns: RUNS / 4, seed: SEED });
    const programs = [...programsOf().flatMap((topic) => topic.programs), ...random];
    expect(runHere(programs, { backend, counted: true })).toEqual(runHere(programs, { backend }));
  });

  test("random programs do what they do in Redis", { timeout: 600_000 }, async () => {
    const programs = fc.sample(arbitraryProgram, { numRuns: backend === "source" ? RUNS : RUNS / 4, seed: SEED });
    const found: string[] = [];
    for (let at = 0; at < programs.length; at += BATCH) {
      found.push(...(await differences(programs.slice(at, at + BATCH), { backend })));
    }
    const shortest = found
      .sort((a, b) => a.length - b.length)
      .slice(0, 3)
      .join("\n\n");
    expect(shortest, `${found.length} differences with REDLUA_FUZZ_SEED=${SEED}`).toBe("");
  });
});

/** How many of these programs do something else here, and the shortest of them. */
async function countDifferences(programs: readonly string[]): Promise<{ readonly count: number; readonly shortest: string }> {
  const found: string[] = [];
  for (let at = 0; at < programs.length; at += BATCH) found.push(...(await differences(programs.slice(at, at + BATCH), {})));
  return { count: found.length, shortest: found.sort((a, b) => a.length - b.length)[0] ?? "" };
}

test("lists that grow and shrink, and the fields beside them, are as in Redis", async () => {
  const { shortest } = await countDifferences(fc.sample(arbitraryList, { numRuns: RUNS, seed: SEED }));
  expect(shortest, `REDLUA_FUZZ_SEED=${SEED}`).toBe("");
});

// Where a list has gaps any border is right. Which one Lua finds depends on its hash function at last; ours is the same but for one in thirty.
test("lists with gaps have the length that they have in Redis, nearly always", async () => {
  const { count, shortest } = await countDifferences(fc.sample(arbitraryTable, { numRuns: RUNS, seed: SEED }));
  expect(count / RUNS, `REDLUA_FUZZ_SEED=${SEED}\n${shortest}`).toBeLessThan(0.04);
});
