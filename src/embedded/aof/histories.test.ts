import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { close, type Happening, histories, live, open, type Step, stateOf, useFolder } from "./fixtures/index.ts";
import { AofError } from "./index.ts";
import { RecordReader } from "./record-reader.ts";

const runs = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 100);
const seed = process.env["REDLUA_FUZZ_SEED"];
const settings = { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const { fresh } = useFolder();

/** Lives through a history. Answers the file it left, where its records end, and what was stored after each. */
function lived(history: readonly Happening[]): {
  readonly file: string;
  readonly ends: readonly number[];
  readonly steps: readonly Step[];
} {
  const file = fresh();
  const kept = open({ file, fsync: "no" });
  const steps = live(kept, history);
  close(kept);
  const descriptor = openSync(file, "r");
  const reader = new RecordReader(descriptor, statSync(file).size, 13);
  const ends = [reader.offset];
  while (typeof reader.next() === "object") ends.push(reader.offset);
  closeSync(descriptor);
  expect(ends).toHaveLength(steps.length);
  return { file, ends, steps };
}

/** What an engine stores that starts with the file. */
function revived(file: string, now: number): Readonly<Record<string, unknown>> {
  const kept = open({ file, fsync: "no" }, now);
  const state = stateOf(kept.engine);
  close(kept);
  return state;
}

describe("any history", () => {
  test("is found again after a restart", () => {
    fc.assert(
      fc.property(histories(60), (history) => {
        const { file, steps } = lived(history);
        const last = steps.at(-1) as Step;
        expect(revived(file, last.now)).toEqual(last.state);
      }),
      settings,
    );
  });

  test("is found up to the last whole record, wherever the file was cut off", () => {
    fc.assert(
      fc.property(histories(25), fc.array(fc.nat(), { minLength: 10, maxLength: 10 }), (history, places) => {
        const { file, ends, steps } = lived(history);
        const { size } = statSync(file);
        for (const place of places) {
          const cut = place % (size + 1);
          const torn = fresh();
          copyFileSync(file, torn);
          truncateSync(torn, cut);
          const whole = Math.max(
            0,
            ends.findLastIndex((end) => end <= cut),
          );
          const { now, state } = steps[whole] as Step;
          expect(revived(torn, now), `cut at ${cut} of ${size}`).toEqual(state);
          expect(statSync(torn).size).toBe(ends[whole]);
        }
      }),
      { ...settings, numRuns: Math.ceil(runs / 3) },
    );
  });

  test("is either found whole or refused, whichever byte was changed", () => {
    fc.assert(
      fc.property(
        histories(25),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 10, maxLength: 10 }),
        (history, flips) => {
          const { file, ends, steps } = lived(history);
          const bytes = readFileSync(file);
          for (const [place, mask] of flips) {
            const at = place % bytes.length;
            const damaged = Buffer.from(bytes);
            damaged[at] = (damaged[at] as number) ^ mask;
            const copy = fresh();
            writeFileSync(copy, damaged);
            const record = ends.findIndex((end) => at < end);
            let error: unknown;
            let state: unknown;
            try {
              state = revived(copy, (steps.at(-2) ?? (steps[0] as Step)).now);
            } catch (thrown) {
              error = thrown;
            }
            if (record === 0) expect(error).toMatchObject({ code: "AOF_FOREIGN" });
            // What was written last may be what was being written when the power failed.
            else if (error === undefined) expect([record, state]).toEqual([ends.length - 1, (steps.at(-2) as Step).state]);
            else expect(error).toMatchObject({ code: "AOF_CORRUPT", offset: ends[record - 1] });
            expect(error === undefined || error instanceof AofError).toBe(true);
          }
        },
      ),
      { ...settings, numRuns: Math.ceil(runs / 3) },
    );
  });

  test("is found again after the file was written anew, and goes on from there", async () => {
    await fc.assert(
      fc.asyncProperty(histories(50), histories(20), async (before, after) => {
        const file = fresh();
        const kept = open({ file, fsync: "no" });
        live(kept, before);
        kept.aof.rewrite();
        await Promise.resolve();
        expect(kept.warnings).toEqual([]);
        const rewritten = revivedCopy(file, kept.clock.now());
        expect(rewritten).toEqual(stateOf(kept.engine));
        const { now, state } = live(kept, after).at(-1) as Step;
        close(kept);
        expect(revived(file, now)).toEqual(state);
      }),
      settings,
    );
  });
});

function revivedCopy(file: string, now: number): Readonly<Record<string, unknown>> {
  const copy = fresh();
  copyFileSync(file, copy);
  return revived(copy, now);
}
