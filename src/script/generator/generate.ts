import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { emitScripts, heading } from "./emitter.ts";
import { compileFolder, findFolders, generatedName, shownPath } from "./folders.ts";
import { IncludeResolver } from "./include-resolver.ts";
import type { Problem, Report } from "./rules.ts";

/** How scripts are generated. */
export interface GenerateOptions {
  /** Where generated files import `defineScript` from; a path (`./src/script/index.ts`) is made relative to each. @default "redlua/script" */
  readonly importFrom?: string;
  /** Folders to pass over. `node_modules` and folders that start with a dot always are. @default none */
  readonly ignore?: readonly string[];
}

/** What a folder's generated file should be. */
export interface GeneratedFile {
  readonly path: string;
  /** What it should say; `undefined` if it should not be there, because the folder has no script any more. */
  readonly text: string | undefined;
  /** Whether it says that already. */
  readonly current: boolean;
  /** How many scripts it holds. */
  readonly scripts: number;
}

/** What a run of the generator found and would write. */
export interface Generated {
  /** One for each folder without a problem, in order. */
  readonly files: readonly GeneratedFile[];
  /** Everything that is wrong, in the order of files and lines. */
  readonly problems: readonly Problem[];
  /** How many `.lua` files were read. */
  readonly read: number;
}

/**
 * Reads every `.lua` file below the folders and works out each folder's `scripts.gen.ts`. Writes nothing.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if a folder does not exist
 * @example
 * const { files, problems } = generate(["src"]);
 * if (problems.length === 0) writeGenerated(files);
 */
export function generate(folders: readonly string[], options: GenerateOptions = {}): Generated {
  const problems: Problem[] = [];
  const reportFor = (path: string): Report => {
    const file = shownPath(path);
    return (line, rule, message) => {
      problems.push({ file, line, rule, message });
    };
  };
  const includes = new IncludeResolver(reportFor);
  const files: GeneratedFile[] = [];
  let read = 0;
  for (const [folder, names] of findFolders(folders, options.ignore ?? [])) {
    const before = problems.length;
    const scripts = compileFolder(folder, names, includes, reportFor)?.map(({ script }) => script);
    read += names.filter((name) => name.endsWith(".lua")).length;
    if (problems.length > before || scripts === undefined) continue;
    const path = join(folder, generatedName);
    const text =
      scripts.length === 0 ? undefined : emitScripts(scripts, importPath(folder, options.importFrom ?? "redlua/script"));
    const present = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    // A file of that name that somebody else wrote stays, unless scripts lie beside it.
    if (text === undefined && !present?.startsWith(heading)) continue;
    if (text !== undefined || present !== undefined)
      files.push({ path: shownPath(path), text, current: text === present, scripts: scripts.length });
  }
  return { files, problems: sortProblems(problems), read };
}

/** Writes what is not current, takes away what should not be there, and answers which files those were. */
export function writeGenerated(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  const stale = files.filter(({ current }) => !current);
  for (const { path, text } of stale) {
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }
  return stale;
}

function importPath(folder: string, importFrom: string): string {
  if (!importFrom.startsWith(".") && !isAbsolute(importFrom)) return importFrom;
  const path = relative(folder, resolve(importFrom)).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ file, rule, message }: Problem): string => `${file} ${rule} ${message}`;
  return [...problems].sort((a, b) => (a.file === b.file ? a.line - b.line : 0) || (key(a) < key(b) ? -1 : 1));
}
