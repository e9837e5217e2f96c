import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Comment } from "luaparse";
import { nearest } from "../../core/index.ts";
import { checkInclude } from "./check-include.ts";
import { hasHeader } from "./header-parser.ts";
import { blankComments, type LuaFile, readLuaFile } from "./lua-file.ts";
import { lineOf, rangeOf } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";

/** What redlua brings along, such as `now`. */
const builtIn = fileURLToPath(new URL("../../../src/lua/", import.meta.url));

/** The text that an `@include` line becomes. */
export interface Expansion {
  readonly text: string;
  /** Names of the functions that it declares itself. */
  readonly functions: readonly string[];
  /** Whether something in it, or in what it includes, was refused. */
  readonly broken: boolean;
}

interface Include {
  readonly file: LuaFile;
  readonly functions: readonly string[];
  readonly sound: boolean;
}

/** The name on an `--- @include name` line, or `undefined` if the comment is none. */
export function includeName(file: LuaFile, comment: Comment): string | undefined {
  return /^---?\s*@include\b\s*(.*?)\s*$/.exec(file.bytes.slice(...rangeOf(comment)))?.[1];
}

/** Finds includes, checks each once, and folds them onto the line that names them. */
export class IncludeResolver {
  readonly #reportFor: (path: string) => Report;
  readonly #loaded = new Map<string, Include | undefined>();

  constructor(reportFor: (path: string) => Report) {
    this.#reportFor = reportFor;
  }

  /**
   * The include that a comment names, and what it includes, on one line.
   *
   * @param done files that the script has already; what is expanded here is added
   */
  expand(file: LuaFile, comment: Comment, name: string, done: Set<string>, trail: readonly string[] = [file.path]): Expansion {
    const refuse = (message: string): Expansion => {
      this.#reportFor(file.path)(lineOf(comment), "include", message);
      return { text: "", functions: [], broken: true };
    };
    const misplaced = this.#misplaced(file, comment);
    if (misplaced !== undefined) return refuse(misplaced);
    const path = this.find(name, file.path);
    if (path === undefined) return refuse(this.#unknown(name, file.path));
    if (trail.includes(path)) {
      return refuse(
        `includes go in a circle: ${[...trail.slice(trail.indexOf(path)), path].map((each) => basename(each)).join(" → ")}`,
      );
    }
    const include = this.load(path);
    if (include === undefined) return { text: "", functions: [], broken: true };
    if (done.has(path)) return { text: "", functions: include.functions, broken: !include.sound };
    done.add(path);
    let broken = !include.sound;
    const { bytes } = blankComments(include.file, (inner) => {
      const innerName = includeName(include.file, inner);
      if (innerName === undefined) return undefined;
      const expansion = this.expand(include.file, inner, innerName, done, [...trail, path]);
      broken ||= expansion.broken;
      return expansion.text;
    });
    return { text: foldLines(bytes), functions: include.functions, broken };
  }

  /** Reads and checks an include; the second time it is the same. */
  load(path: string): Include | undefined {
    if (!this.#loaded.has(path)) this.#loaded.set(path, this.#read(path));
    return this.#loaded.get(path);
  }

  /** The file of an include: beside the one that names it, else in a `lua/` folder there or further up, else redlua's own. */
  find(name: string, from: string): string | undefined {
    return searched(from)
      .map((folder) => join(folder, `${name}.lua`))
      .find((path) => existsSync(path) && !isScript(path));
  }

  #read(path: string): Include | undefined {
    const report = this.#reportFor(path);
    const file = readLuaFile(path, report);
    if (file === undefined) return undefined;
    let sound = true;
    const functions = checkInclude(file, this.#borrowed(file), (line, rule, message) => {
      sound = false;
      report(line, rule, message);
    });
    return { file, functions, sound };
  }

  /** Functions that an include may call because it includes them, or because what it includes does. */
  #borrowed(file: LuaFile, seen: Set<string> = new Set([file.path])): readonly string[] {
    return file.comments.flatMap((comment) => {
      const name = includeName(file, comment);
      const path = name === undefined ? undefined : this.find(name, file.path);
      if (path === undefined || seen.has(path)) return [];
      seen.add(path);
      const other = readLuaFile(path, () => {});
      return other === undefined ? [] : [...declaredFunctions(other), ...this.#borrowed(other, seen)];
    });
  }

  #misplaced(file: LuaFile, comment: Comment): string | undefined {
    const [start] = rangeOf(comment);
    const before = file.bytes.slice(file.bytes.lastIndexOf("\n", start - 1) + 1, start);
    const inside = file.tree.body.some((statement) => rangeOf(statement)[0] < start && start < rangeOf(statement)[1]);
    if (before.trim() !== "") return "an include has a line of its own: the code before it goes on another line";
    if (inside) return "an include stands at the top level of the file, not inside a block: move it above the block";
    return undefined;
  }

  #unknown(name: string, from: string): string {
    if (!/^[\w-]+$/.test(name)) return `an include is one name, "--- @include now", not "${name}"`;
    const known = searched(from).flatMap((folder) =>
      existsSync(folder)
        ? readdirSync(folder)
            .filter((each) => each.endsWith(".lua") && !isScript(join(folder, each)))
            .map((each) => basename(each, ".lua"))
        : [],
    );
    const near = nearest(name, known);
    const hint =
      near === undefined ? `Put ${name}.lua beside this file or in a "lua" folder above it.` : `Did you mean "${near}"?`;
    return `there is no include "${name}". ${hint}`;
  }
}

/** A script is no include, even where one of that name is wanted: `recover.lua` may include `lua/recover.lua`. */
function isScript(path: string): boolean {
  return hasHeader(readFileSync(path, "utf8"));
}

/** Names of the functions that an include declares. */
function declaredFunctions(file: LuaFile): readonly string[] {
  return file.tree.body.flatMap((each) =>
    each.type === "FunctionDeclaration" && each.identifier?.type === "Identifier" ? [each.identifier.name] : [],
  );
}

/** The folders an include is looked for in, nearest first. The search ends where the package ends. */
function searched(from: string): readonly string[] {
  let folder = dirname(resolve(from));
  const folders = [folder];
  for (;;) {
    if (basename(folder) !== "lua") folders.push(join(folder, "lua"));
    const parent = dirname(folder);
    if (existsSync(join(folder, "package.json")) || parent === folder) return [...folders, builtIn];
    folder = parent;
  }
}

function foldLines(bytes: string): string {
  return bytes
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join(" ");
}
