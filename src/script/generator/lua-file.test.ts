import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blankComments, fromBytes, readLuaFile, toBytes } from "./lua-file.ts";
import { parseLua } from "./lua-syntax.ts";

test("a file that is not UTF-8 is refused, because its bytes would not survive", () => {
  const folder = mkdtempSync(join(tmpdir(), "redlua-bytes-"));
  try {
    const path = join(folder, "bytes.lua");
    writeFileSync(path, Buffer.from('return "\xff"\n', "latin1"));
    const said: string[] = [];
    expect(readLuaFile(path, (line, rule, message) => said.push(`${line} ${rule} ${message}`))).toBeUndefined();
    expect(said).toEqual(['1 syntax the file is not UTF-8: save it as UTF-8, and write other bytes in strings as "\\255"']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["local a = 1 -- one\nreturn a", "local a = 1\nreturn a\n"],
  ["return--[[ x ]]1", "return 1\n"],
  ["--[[ a\n b ]] return 1", "\n return 1\n"],
  ['return "é -- é" -- é', 'return "é -- é"\n'],
  ["return [==[ -- ]] ]==] --[==[ ]] ]==]", "return [==[ -- ]] ]==]\n"],
  ["return 1\n-- the end", "return 1\n"],
])("%j without its comments is %j", (lua, expected) => {
  const bytes = toBytes(lua);
  const parsed = parseLua(bytes);
  if (!parsed.ok) throw new Error(parsed.message);
  expect(fromBytes(blankComments({ bytes, comments: parsed.comments }, () => undefined).bytes)).toBe(expected);
});
