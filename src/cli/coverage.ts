import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type CoveredFile, coverageByFile, formatLcov, type LineCoverage, readCoverage } from "../embedded/index.ts";
import { traceScripts } from "../script/generator/index.ts";
import type { Terminal } from "./run-cli.ts";

/** What the report is made of, and where it goes. */
export interface CoverageOptions {
  /** Folders of the `.lua` files. */
  readonly folders: readonly string[];
  readonly ignore: readonly string[];
  /** The folder that `REDLUA_COVERAGE` named. */
  readonly counts: string;
  /** Path of a file to write in lcov's form. */
  readonly lcov: string | undefined;
  /** Percent of all lines that must have run. */
  readonly min: number;
}

/** Tells which lines of Lua ran. Answers the exit code: 1 if there were too few. */
export function coverage({ folders, ignore, counts, lcov, min }: CoverageOptions, terminal: Terminal): number {
  const scripts = traceScripts(folders, { ignore });
  const counted = readCoverage(counts);
  const files = coverageByFile(counted, scripts);
  if (lcov !== undefined) {
    mkdirSync(dirname(resolve(lcov)), { recursive: true });
    writeFileSync(lcov, formatLcov(files));
  }
  const width = Math.max(9, ...files.map(({ file }) => file.length));
  for (const each of files) terminal.out(`${each.file.padEnd(width)}  ${shareOf([each])}${notRun(each)}`);
  terminal.out(`${"All files".padEnd(width)}  ${shareOf(files)}`);
  const known = new Set(scripts.map(({ sha }) => sha));
  const strange = new Set(counted.map(({ sha }) => sha).filter((sha) => !known.has(sha))).size;
  if (strange > 0) terminal.out(`Scripts that ran and are none of these files as they are now: ${strange}`);
  if (percentOf(files) >= min) return 0;
  terminal.error(`${percentOf(files).toFixed(1)} % of the lines ran, and ${min} % are asked for.`);
  return 1;
}

function percentOf(files: readonly CoveredFile[]): number {
  const lines = files.flatMap((each) => each.lines);
  return lines.length === 0 ? 100 : (lines.filter(({ hits }) => hits > 0).length / lines.length) * 100;
}

function shareOf(files: readonly CoveredFile[]): string {
  const lines = files.flatMap((each) => each.lines);
  const ran = lines.filter(({ hits }) => hits > 0).length;
  return `${percentOf(files).toFixed(1).padStart(5)} %  ${`${ran}/${lines.length}`.padStart(9)}`;
}

/** Lines that did not run, and lines of which some statement did not: `  not run: 3, 7-9; in part: 12`. */
function notRun({ lines, statements }: CoveredFile): string {
  const missed = new Set(statements.filter(({ hits }) => hits === 0).map(({ line }) => line));
  const none = rowsOf(lines, ({ hits }) => hits === 0);
  const part = rowsOf(lines, ({ line, hits }) => hits > 0 && missed.has(line));
  const shown = [none === "" ? "" : `not run: ${none}`, part === "" ? "" : `in part: ${part}`].filter(Boolean).join("; ");
  return shown === "" ? "" : `  ${shown}`;
}

/** Numbers of lines; those that follow each other, blank lines apart, as one row. */
function rowsOf(lines: readonly LineCoverage[], isShown: (line: LineCoverage) => boolean): string {
  const rows: { first: number; last: number }[] = [];
  let row: { first: number; last: number } | undefined;
  for (const each of lines) {
    if (!isShown(each)) row = undefined;
    else if (row !== undefined) row.last = each.line;
    else {
      row = { first: each.line, last: each.line };
      rows.push(row);
    }
  }
  return rows.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(", ");
}
