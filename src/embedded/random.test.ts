import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "./command/all.ts";
import { foundStories, Stage, type Story, stories } from "./fixtures/index.ts";

/** Commands to compare at least. REDLUA_FUZZ_RUNS makes them more, as it does in the other random tests: 3000 are a million. */
const wanted = Math.round((100_000 * Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300)) / 300);
const firstSeed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Stories that are told before they are played. */
const chapter = 300;

/** Not played: what waits, functions, and what tells of the server and not of keys. */
const unplayed =
  /^b(l|r|z)|^pf(debug|selftest)|^function|^fcall|^script|^evalsha|help$|^memory\|(?!usage)|^object\|freq|^sort_ro$/;
/** Of these at least one succeeds in each run. */
const played = [...commands.keys()].filter((name) => !unplayed.test(name));

let stages: readonly Stage[];
beforeAll(async () => {
  stages = await Promise.all([Stage.open(), Stage.open(), Stage.open()]);
});
afterAll(() => Promise.all(stages.map((stage) => stage.close())));

test.each(foundStories)("%s", async (_name, story) => {
  expect(await (stages[0] as Stage).play(story)).toBe(undefined);
});

test(
  `${wanted} random commands of all families, on few keys, are answered as Redis answers them, and leave the same behind`,
  async () => {
    const before = stages.reduce((sum, stage) => sum + stage.compared, 0);
    const compared = (): number => stages.reduce((sum, stage) => sum + stage.compared, -before);
    for (let seed = firstSeed; compared() < wanted; seed++) {
      const told = fc.sample(stories, { seed, numRuns: chapter });
      const failed = await firstToDiffer(told);
      if (failed !== undefined) await shrink(seed, failed);
    }
    expect(compared()).toBeGreaterThanOrEqual(wanted);
    const succeeded = new Set(stages.flatMap((stage) => [...stage.succeeded]));
    expect(wanted < 100_000 ? [] : played.filter((name) => !succeeded.has(name))).toEqual([]);
  },
  15_000 + wanted * 2,
);

interface Failure {
  /** Which story it was. */
  readonly at: number;
  readonly difference: string;
}

/** Plays stories on all stages at once. */
async function firstToDiffer(told: readonly Story[]): Promise<Failure | undefined> {
  let next = 0;
  let failed: Failure | undefined;
  const playOn = async (stage: Stage): Promise<void> => {
    while (failed === undefined && next < told.length) {
      const at = next++;
      const difference = await stage.play(told[at] as Story);
      if (difference !== undefined) failed = { at, difference };
    }
  };
  await Promise.all(stages.map(playOn));
  return failed;
}

/** Fails with the shortest story that is found to differ. */
async function shrink(seed: number, { at, difference }: Failure): Promise<void> {
  const [stage] = stages as [Stage];
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const differs = await stage.play(story);
      if (differs !== undefined) throw new Error(`${differs}\nREDLUA_FUZZ_SEED=${seed} repeats it.`);
    }),
    { seed, path: String(at), numRuns: chapter, interruptAfterTimeLimit: 60_000 },
  );
  throw new Error(`A story differed, and did not when it was played again. REDLUA_FUZZ_SEED=${seed}.\n${difference}`);
}
