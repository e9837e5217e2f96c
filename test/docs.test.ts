import { expect, test } from "vitest";
import { brokenLinks, codesInTables, codesOf } from "./house/docs.ts";
import { doors, projectFiles } from "./house/project.ts";

const files = projectFiles();
const everything: ReadonlyMap<string, string> = new Map(files.map((file) => [file.path, file.text]));
const pages = files.filter((file) => file.path.endsWith(".md"));
const isSource = (path: string): boolean => /^src\/.*(?<!\.test|\.test-d|\.gen)\.ts$/.test(path);

test("docs/reference/errors.md names every code that an error can have, once, and no other", () => {
  const inSource = new Set(files.filter((file) => isSource(file.path)).flatMap((file) => codesOf(file.text)));
  expect(inSource.size).toBeGreaterThan(10);
  const inDocs = codesInTables(everything.get("docs/reference/errors.md") ?? "");
  expect([...inDocs].sort()).toEqual([...inSource].sort());
});

test("codes are found however they are written", () => {
  const source = `
    override readonly code = "LOCK_LOST";
    readonly code: "A_ONE" | "A_TWO";
    export type ClientErrorCode =
      | "B_ONE"
      | "B_TWO";
    throw new ScriptError(
      "SCRIPT_KEYS", "no", {});
    if (reply === "NOT_A_CODE") return "NOR_THIS";`;
  expect(codesOf(source)).toEqual(["LOCK_LOST", "A_ONE", "A_TWO", "B_ONE", "B_TWO", "SCRIPT_KEYS"]);
  expect(codesInTables("| `A_ONE` | x | `A_TWO` |\n`A_THREE` in the text\n")).toEqual(["A_ONE"]);
});

test("the docs name every subpath that package.json exports", () => {
  const forUsers = pages.filter((page) => page.path === "README.md" || page.path.startsWith("docs/"));
  const text = forUsers.map((page) => page.text).join("\n");
  const names = [...doors.keys()].map((subpath) => `redlua${subpath.slice(1)}`);
  expect(names.filter((name) => !new RegExp(`["'\`]${name}["'\`]`).test(text))).toEqual([]);
});

test("links from page to page lead somewhere", () => {
  expect(pages.flatMap((page) => brokenLinks(page, everything))).toEqual([]);
});

test("a link that leads nowhere is found", () => {
  const text = [
    "# The Title: it's `here`",
    "[file](there.md) [folder](../src/) [up](#the-title-its-here) [other](there.md#part-one) [web](https://example.org/x.md)",
    "[gone](gone.md) [no heading](there.md#part-two) [code](gone-too.md)",
    "`[in code](nowhere.md)`",
    "```md\n[in a block](nowhere.md)\n```",
    "[late]: late.md",
  ].join("\n");
  const page = { path: "docs/page.md", text };
  const known = new Map([
    ["docs/page.md", text],
    ["docs/there.md", "## Part one\n"],
    ["src/index.ts", ""],
  ]);
  expect(brokenLinks(page, known)).toEqual([
    "docs/page.md: gone.md",
    "docs/page.md: there.md#part-two",
    "docs/page.md: gone-too.md",
    "docs/page.md: late.md",
  ]);
});
