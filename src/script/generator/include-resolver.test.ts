import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generate } from "./index.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "redlua-include-"));
  write("package.json", "{}");
});

afterEach(() => rmSync(root, { recursive: true }));

test("an include is taken from beside the script, else from the nearest lua folder above it, else from redlua", () => {
  write("src/lua/where.lua", 'local function where() return "above" end\n');
  script("src/a/b/one.lua", "where", "where()");
  script("src/a/b/two.lua", "now", "now_ms()");
  expect(linesWith("src/a/b", "function")).toEqual([
    'local function where() return "above" end',
    expect.stringContaining("now_ms(given)"),
  ]);
  write("src/a/lua/where.lua", 'local function where() return "nearer" end\n');
  expect(linesWith("src/a/b", "where()")[0]).toContain("nearer");
  write("src/a/b/where.lua", 'local function where() return "beside" end\n');
  expect(linesWith("src/a/b", "where()")[0]).toContain("beside");
});

test("the search ends where the package ends", () => {
  write("inner/package.json", "{}");
  write("lua/where.lua", 'local function where() return "outside" end\n');
  script("inner/src/one.lua", "where", "where()");
  expect(messages("inner")).toEqual([expect.stringContaining('there is no include "where"')]);
});

test("what several includes include is put in once, before the first of them", () => {
  write("lua/base.lua", "local function base() return 1 end\n");
  write("lua/left.lua", "--- @include base\n\nlocal function left() return base() end\n");
  write("lua/right.lua", "--- @include base\n--- @include left\n\nlocal function right() return base() + left() end\n");
  script("src/one.lua", "left\n--- @include right", "left() + right()");
  expect(messages("src")).toEqual([]);
  expect(linesWith("src", "function")).toEqual([
    "local function base() return 1 end local function left() return base() end",
    "local function right() return base() + left() end",
  ]);
});

test("a script may include a file of its own name, which is not itself", () => {
  write("src/lua/recover.lua", "local function recover() return 1 end\n");
  script("src/recover.lua", "recover", "recover()");
  expect(messages("src")).toEqual([]);
});

test("a folder of includes alone has no generated file, and its includes are checked all the same", () => {
  write("src/lua/fine.lua", "local function fine(n) return n end\n");
  expect(generate([join(root, "src")]).files).toEqual([]);
  write("src/lua/broken.lua", "local function broken() return math.random() end\n");
  expect(messages("src")).toEqual([expect.stringContaining("broken.lua:1: math.random repeats itself")]);
});

test("a broken include is said once, however many scripts include it", () => {
  write("lua/broken.lua", "local function broken() return KEYS[1] end\n");
  script("src/one.lua", "broken", "broken()");
  script("src/two.lua", "broken", "broken()");
  expect(messages("src")).toEqual([expect.stringContaining("broken.lua:1: an include does not know KEYS")]);
});

test("an exception in an include holds for the scripts that include it", () => {
  write(
    "lua/named.lua",
    'local function named(n)\n  return "n" .. n / 2 -- redlua: allow lost-digits because it is only read by people\nend\n',
  );
  script("src/one.lua", "named", "named(1)");
  expect(messages("src")).toEqual([]);
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function script(path: string, include: string, value: string): void {
  write(path, `--- Answer.\n---\n--- @reply string?\n--- @writes none\n\n--- @include ${include}\n\nreturn ${value}\n`);
}

function messages(folder: string): readonly string[] {
  return generate([join(root, folder)]).problems.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

function linesWith(folder: string, text: string): readonly string[] {
  expect(messages(folder)).toEqual([]);
  return (generate([join(root, folder)]).files[0]?.text ?? "")
    .split("\n")
    .filter((line) => line.includes(text) && line.includes("local"));
}
