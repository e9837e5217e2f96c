import { compile, LuaError } from "../lua/index.ts";
import { toByteString } from "../value/index.ts";
import { type LineCoverage, linesOf, type ScriptCoverage, type StatementCoverage } from "./coverage.ts";

interface TracedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A script whose file is known, or at least its name: a `Script` of `redlua/script`, or what `traceScripts` answers. */
export interface CoveredScript {
  readonly sha: string;
  /** Stands for the file where there is none. */
  readonly name: string;
  readonly lua: string;
  /** The place in a file that a place of its text comes from, which may be an include. */
  readonly trace?: (line: number, column: number) => TracedPlace | undefined;
}

/** What ran of one file. */
export interface CoveredFile {
  readonly file: string;
  /** Lines that can run, in order. */
  readonly lines: readonly LineCoverage[];
  /** Statements in order: a line may have some that ran and some that did not. */
  readonly statements: readonly StatementCoverage[];
}

/**
 * What ran of the files that scripts are made of. What several engines or processes counted of one script is added up, and so is
 * what several scripts include. A script that never ran is there too, with no hits.
 *
 * @param scripts those to tell of; without it, all that were counted, each under its SHA
 * @example
 * const files = coverageByFile(redis.coverage(), traceScripts(["src"]));
 * writeFileSync("coverage/lua.info", formatLcov(files));
 */
export function coverageByFile(
  coverage: readonly ScriptCoverage[],
  scripts: readonly CoveredScript[] = coverage.map(({ sha, source }) => ({ sha, name: sha, lua: source })),
): CoveredFile[] {
  const counted = new Map<string, ScriptCoverage[]>();
  for (const each of coverage) counted.set(each.sha, [...(counted.get(each.sha) ?? []), each]);
  const files = new Map<string, Map<string, StatementCoverage>>();
  for (const script of new Map(scripts.map((each) => [each.sha, each])).values()) {
    for (const { line, column, hits } of statementsOf(script, counted.get(script.sha) ?? [])) {
      const place = script.trace === undefined ? { file: script.name, line, column } : script.trace(line, column);
      if (place !== undefined) add(files, place, hits);
    }
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, found]) => {
      const statements = [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
      return { file, lines: linesOf(statements), statements };
    });
}

function add(files: Map<string, Map<string, StatementCoverage>>, { file, line, column }: TracedPlace, hits: number): void {
  const statements = files.get(file) ?? new Map<string, StatementCoverage>();
  files.set(file, statements);
  const key = `${line}:${column}`;
  statements.set(key, { line, column, hits: hits + (statements.get(key)?.hits ?? 0) });
}

/**
 * Covered lines in the form of lcov, which editors, `genhtml`, Codecov and `c8`'s kin read.
 *
 * @example
 * formatLcov(coverageByFile(redis.coverage())); // "TN:\nSF:…\nDA:1,1\n…"
 */
export function formatLcov(files: readonly CoveredFile[]): string {
  return files
    .map(({ file, lines }) => {
      const data = lines.map(({ line, hits }) => `DA:${line},${hits}\n`).join("");
      return `TN:\nSF:${file}\n${data}LF:${lines.length}\nLH:${lines.filter(({ hits }) => hits > 0).length}\nend_of_record\n`;
    })
    .join("");
}

/** The statements of a script, with the sum of what was counted of each. */
function statementsOf({ lua, name }: CoveredScript, [first, ...rest]: readonly ScriptCoverage[]): readonly StatementCoverage[] {
  if (first !== undefined) {
    return first.statements.map((statement, at) => ({
      ...statement,
      hits: rest.reduce((sum, each) => sum + (each.statements[at]?.hits ?? 0), statement.hits),
    }));
  }
  try {
    const { counted } = compile(toByteString(lua), name, { backend: "closures", counted: true });
    return (counted?.places ?? []).map((place) => ({ ...place, hits: 0 }));
  } catch (error) {
    // What cannot be compiled has no lines that could run.
    if (error instanceof LuaError) return [];
    throw error;
  }
}
