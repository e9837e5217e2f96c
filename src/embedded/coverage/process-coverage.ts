import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { InvalidInputError } from "../../core/index.ts";
import { Coverage, type ScriptCoverage } from "./coverage.ts";

/**
 * Names a folder, as `NODE_V8_COVERAGE` does: every engine counts, and each process writes there what it counted when an engine is
 * stopped and when it ends. At its end alone would not do: Vitest's workers are ended without a word.
 */
const variable = "REDLUA_COVERAGE";

const prefix = "redlua-coverage-";

/** All that this process counts. */
const counting: Coverage[] = [];
let shared: Coverage | undefined;
/** What this process writes: one file, again and again. */
let file: string | undefined;

/** Where an engine counts; `undefined` if it does not. @param own whether it was asked to, so that its counts are its own */
export function coverageFor(own: boolean): Coverage | undefined {
  const folder = process.env[variable];
  const isKept = folder !== undefined && folder !== "";
  if (own) {
    const coverage = new Coverage();
    if (isKept) keep(coverage, folder);
    return coverage;
  }
  if (!isKept) return undefined;
  if (shared === undefined) {
    shared = new Coverage();
    keep(shared, folder);
  }
  return shared;
}

/**
 * What processes have written that ran with `REDLUA_COVERAGE=folder`.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if there is no such folder, or a file in it is not whole
 */
export function readCoverage(folder: string): ScriptCoverage[] {
  return namesIn(folder)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => countsOf(join(folder, name)));
}

function countsOf(path: string): ScriptCoverage[] {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text) as ScriptCoverage[];
  } catch {
    const problem = `${path} is not whole: its process was ended while it wrote. Remove the file and run the tests again.`;
    throw new InvalidInputError("INPUT_INVALID", "coverage", problem);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    throw new InvalidInputError(
      "INPUT_INVALID",
      "coverage",
      `There is no folder "${folder}". Run the tests with ${variable}=${folder} first.`,
    );
  }
}

/** Writes what was counted until now, if this process is to. */
export function saveCoverage(): void {
  if (file === undefined) return;
  const scripts = counting.flatMap((each) => each.report());
  if (scripts.length > 0) writeFileSync(file, JSON.stringify(scripts));
}

function keep(coverage: Coverage, folder: string): void {
  counting.push(coverage);
  if (file !== undefined) return;
  mkdirSync(folder, { recursive: true });
  file = join(folder, `${prefix}${process.pid}-${threadId}-${Date.now()}.json`);
  process.once("exit", saveCoverage);
}
