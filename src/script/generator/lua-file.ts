import { readFileSync } from "node:fs";
import type { Chunk, Comment } from "luaparse";
import { parseLua, type Range, rangeOf } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";

/** A `.lua` file, read and parsed. */
export interface LuaFile {
  readonly path: string;
  /** As its author sees it. */
  readonly text: string;
  /** As Lua sees it: one character per byte. Ranges in the tree count these. */
  readonly bytes: string;
  readonly tree: Chunk;
  readonly comments: readonly Comment[];
}

/** Reads and parses a file; what is not Lua 5.1 in UTF-8 is reported. Line ends become `\n`, so that a SHA is one everywhere. */
export function readLuaFile(path: string, report: Report): LuaFile | undefined {
  const content = readFileSync(path);
  const text = content
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n");
  if (text.includes("\uFFFD") && !isUtf8(content)) {
    report(1, "syntax", 'the file is not UTF-8: save it as UTF-8, and write other bytes in strings as "\\255"');
    return undefined;
  }
  if (text.startsWith("#!")) {
    report(
      1,
      "syntax",
      'a script has no "#!" line, which Redis 6.2 does not read: "--- @writes none" says what "flags=no-writes" says',
    );
    return undefined;
  }
  const bytes = toBytes(text);
  const parsed = parseLua(bytes);
  if (!parsed.ok) {
    report(parsed.line, "syntax", `this is not Lua 5.1: ${parsed.message}`);
    return undefined;
  }
  return { path, text, bytes, tree: parsed.tree, comments: parsed.comments };
}

function isUtf8(content: Buffer): boolean {
  return Buffer.from(content.toString("utf8"), "utf8").equals(content);
}

/** Text as one character per byte. */
export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text that bytes stand for. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Lua without its comments, and the places where something was put in for one. */
export interface Blanked {
  readonly bytes: string;
  readonly inserted: readonly Range[];
}

/**
 * Takes the comments out and leaves every line where it is, so that the line in an error of Redis is the line of the file.
 *
 * @param replace what to put in for a comment, on its one line; `undefined` for nothing
 */
export function blankComments(
  file: Pick<LuaFile, "bytes" | "comments">,
  replace: (comment: Comment) => string | undefined,
): Blanked {
  const inserted: Range[] = [];
  let out = "";
  let at = 0;
  for (const comment of file.comments) {
    const [start, end] = rangeOf(comment);
    out += file.bytes.slice(at, start);
    at = end;
    const replacement = replace(comment);
    if (replacement !== undefined) {
      inserted.push([out.length, out.length + replacement.length]);
      out += replacement;
      continue;
    }
    const lineEnds = file.bytes.slice(start, end).replace(/[^\n]/g, "");
    const last = end >= file.bytes.length || file.bytes[end] === "\n";
    // A comment between two tokens keeps them apart; before the end of a line nothing is left of it.
    out = lineEnds === "" && !last ? `${out} ` : out.replace(/[ \t]+$/, "") + lineEnds;
  }
  return { bytes: `${(out + file.bytes.slice(at)).trimEnd()}\n`, inserted };
}
