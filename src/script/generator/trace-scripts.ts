import { createHash } from "node:crypto";
import { compileFolder, type FoundScript, findFolders, shownPath } from "./folders.ts";
import { IncludeResolver, includeName } from "./include-resolver.ts";
import { type LuaFile, readLuaFile, toBytes } from "./lua-file.ts";
import { rangeOf } from "./lua-syntax.ts";

/** A script, and where each place of its text comes from. */
export interface TracedScript {
  /** As events and errors call it: `lock.acquire`. */
  readonly name: string;
  /** SHA1 of what Redis gets. */
  readonly sha: string;
  /** What Redis gets: comments left out, includes put in. */
  readonly lua: string;
  /**
   * The place in a file that a place of {@link lua} comes from: in an include, where the text was included. Columns are bytes of
   * their line, from 1.
   */
  readonly trace: (line: number, column: number) => Place | undefined;
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The scripts below the folders, with the way back from what Redis gets to the `.lua` files. What `redlua gen` would refuse is left
 * out: nothing is generated from it either.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if a folder does not exist
 * @example
 * const [script] = traceScripts(["src"]);
 * script.trace(12, 1); // { file: "src/lua/now.lua", line: 3, column: 1 }
 */
export function traceScripts(
  folders: readonly string[],
  { ignore = [] }: { readonly ignore?: readonly string[] } = {},
): TracedScript[] {
  const includes = new IncludeResolver(() => () => {});
  return [...findFolders(folders, ignore)].flatMap(([folder, names]) =>
    (compileFolder(folder, names, includes, () => () => {}) ?? []).map((found) => traced(found, includes)),
  );
}

function traced({ path, script: { name, lua } }: FoundScript, includes: IncludeResolver): TracedScript {
  const bytes = toBytes(lua);
  const lineStarts = [0];
  for (let at = bytes.indexOf("\n"); at >= 0; at = bytes.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  let places: readonly (Place | undefined)[] | undefined;
  const trace = (line: number, column: number): Place | undefined => {
    places ??= placesOf(path, bytes, includes);
    const start = lineStarts[line - 1];
    return start === undefined ? undefined : places[start + column - 1];
  };
  return { name, sha: createHash("sha1").update(lua).digest("hex"), lua, trace };
}

/**
 * The place of each character. Making a script of a file takes out comments and blanks, and puts in includes, and changes nothing
 * else: so what is neither comes in the same order in both.
 */
function placesOf(path: string, bytes: string, includes: IncludeResolver): readonly (Place | undefined)[] {
  const file = readLuaFile(path, () => {});
  const origins = file === undefined ? [] : originsOf(file, includes, new Set());
  let next = 0;
  return Array.from(bytes, (character) => (isBlank(character) ? undefined : origins[next++]));
}

/** The place of each character of a file and its includes that is neither blank nor comment. */
function originsOf(file: LuaFile, includes: IncludeResolver, done: Set<string>): Place[] {
  const shown = shownPath(file.path);
  const origins: Place[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  const goTo = (end: number, isCode: boolean): void => {
    for (; at < end; at++) {
      const character = file.bytes.charAt(at);
      if (character === "\n") {
        line++;
        lineStart = at + 1;
      } else if (isCode && !isBlank(character)) origins.push({ file: shown, line, column: at - lineStart + 1 });
    }
  };
  for (const comment of file.comments) {
    const [start, end] = rangeOf(comment);
    goTo(start, true);
    goTo(end, false);
    const name = includeName(file, comment);
    const path = name === undefined ? undefined : includes.find(name, file.path);
    if (path === undefined || done.has(path)) continue;
    done.add(path);
    const include = includes.load(path);
    if (include !== undefined) for (const each of originsOf(include.file, includes, done)) origins.push(each);
  }
  goTo(file.bytes.length, true);
  return origins;
}

/** As `trim` sees it, which is what takes blanks out. */
function isBlank(character: string): boolean {
  return character.trim() === "";
}
