import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { InvalidInputError } from "../../core/index.ts";
import { compileScript, refuseSameNames } from "./compile.ts";
import type { CompiledScript } from "./emitter.ts";
import { hasHeader } from "./header-parser.ts";
import type { IncludeResolver } from "./include-resolver.ts";
import { readLuaFile } from "./lua-file.ts";
import type { Report } from "./rules.ts";

/** What the generator writes into each folder that has scripts. */
export const generatedName = "scripts.gen.ts";

/** A script and the file that it is. */
export interface FoundScript {
  readonly path: string;
  readonly script: CompiledScript;
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

/** Whether it is a file, or a link to one. Links to folders are not followed: they may lead in a circle. */
function isFile(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Every folder at or below the given ones that has Lua files or a generated file, with the names of its files, in order. */
export function findFolders(folders: readonly string[], ignore: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const ignored = new Set(ignore.map((each) => resolve(each)));
  const found = new Map<string, readonly string[]>();
  const visit = (folder: string): void => {
    if (ignored.has(folder) || found.has(folder)) return;
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    const names = entries.filter((entry) => isFile(folder, entry)).map(({ name }) => name);
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

/** The scripts of one folder, each with its path; `undefined` if one of them is not sound. Its includes are checked as well. */
export function compileFolder(
  folder: string,
  names: readonly string[],
  includes: IncludeResolver,
  reportFor: (path: string) => Report,
): readonly FoundScript[] | undefined {
  let sound = true;
  const compiled: FoundScript[] = [];
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
  return sound ? compiled : undefined;
}

/** A path as a message shows it: from where the command was started. */
export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith("..") ? path : shown;
}
