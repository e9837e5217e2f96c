import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { InvalidInputError } from "../../core/index.ts";
import { compileScript, refuseSameNames } from "./compile.ts";
import { type CompiledScript, emitScripts, heading } from "./emitter.ts";
import { hasHeader } from "./header-parser.ts";
import { IncludeResolver } from "./include-resolver.ts";
import { readLuaFile } from "./lua-file.ts";
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

const generatedName = "scripts.gen.ts";

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
    const scripts = compileFolder(folder, names, includes, reportFor);
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

function compileFolder(
  folder: string,
  names: readonly string[],
  includes: IncludeResolver,
  reportFor: (path: string) => Report,
): readonly CompiledScript[] | undefined {
  let sound = true;
  const compiled: { readonly path: string; readonly script: CompiledScript }[] = [];
  for (const path of names.filter((name) => name.endsWith(".lua")).map((name) => join(folder, name))) {
    if (isInclude(path)) {
      includes.load(path);
      continue;
    }
    const file = readLuaFile(path, reportFor(path));
    const script = file === undefined ? undefined : compileScript(file, includes, reportFor(path));
    if (script === undefined) sound = false;
    else compiled.push({ path, script });
  }
  refuseSameNames(compiled, reportFor);
  return sound ? compiled.map(({ script }) => script) : undefined;
}

/** A file is an include if it lies in a folder called `lua`, or has no header and holds nothing but local functions. */
function isInclude(path: string): boolean {
  if (basename(dirname(resolve(path))) === "lua") return true;
  if (hasHeader(readFileSync(path, "utf8"))) return false;
  const file = readLuaFile(path, () => {});
  return (
    file !== undefined &&
    file.tree.body.length > 0 &&
    file.tree.body.every((each) => each.type === "FunctionDeclaration" && each.isLocal)
  );
}

/** Every folder at or below the given ones that has Lua files or a generated file, with the names of its files, in order. */
function findFolders(folders: readonly string[], ignore: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const ignored = new Set(ignore.map((each) => resolve(each)));
  const found = new Map<string, readonly string[]>();
  const visit = (folder: string): void => {
    if (ignored.has(folder) || found.has(folder)) return;
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    if (names.some((name) => name.endsWith(".lua")) || names.includes(generatedName)) found.set(folder, names);
    for (const entry of entries) {
      if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".")) visit(join(folder, entry.name));
    }
  };
  for (const folder of folders) {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new InvalidInputError(
        "INPUT_INVALID",
        "folder",
        `There is no folder "${folder}". Give the folder that your .lua files are in.`,
      );
    }
    visit(resolve(folder));
  }
  return found;
}

function importPath(folder: string, importFrom: string): string {
  if (!importFrom.startsWith(".") && !isAbsolute(importFrom)) return importFrom;
  const path = relative(folder, resolve(importFrom)).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** A path as a message shows it: from where the command was started. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith("..") ? path : shown;
}

function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ file, rule, message }: Problem): string => `${file} ${rule} ${message}`;
  return [...problems].sort((a, b) => (a.file === b.file ? a.line - b.line : 0) || (key(a) < key(b) ? -1 : 1));
}
