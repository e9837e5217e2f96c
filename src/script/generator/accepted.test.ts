import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatProblem, generate } from "./index.ts";

const accepted: string = fileURLToPath(new URL("fixtures/accepted/", import.meta.url));
const { files, problems } = generate([accepted], { importFrom: "redlua/script" });
const generated: string = files[0]?.text ?? "";

test("correct scripts pass as they are", () => {
  expect(problems.map(formatProblem)).toEqual([]);
  expect(files.map(({ scripts }) => scripts)).toEqual([8]);
});

test("generating twice gives the same text", () => {
  expect(generate([accepted], { importFrom: "redlua/script" }).files[0]?.text).toBe(generated);
});

test.each(["acquire", "add-many", "drain", "exceptions", "narrow", "odd-text", "peek", "settle"])(
  "%s keeps every line of code on its line, and loses its comments",
  (name) => {
    const source = readFileSync(`${accepted}${name}.lua`, "utf8").split("\n");
    const lua = luaOf(generated, `accepted.${name}`).split("\n");
    for (const [index, line] of source.entries()) {
      if (/^\s*--- @include now$/.test(line)) expect(lua[index]).toMatch(/^local function now_ms\(given\) .* end$/);
      else if (/^\s*--[^[]/.test(line) && !inLongText(source, index)) expect(lua[index] ?? "").toBe("");
      else if (!/--/.test(line) && !/^ {2}(?:over three|lines \]\])$/.test(line)) expect(lua[index] ?? "").toBe(line);
    }
  },
);

test("text that looks like a comment survives, a comment that looks like text does not", () => {
  const lua = luaOf(generated, "accepted.odd-text");
  expect(lua).toContain(`"-- not a comment" .. '--[[ nor this ]]'`);
  expect(lua).toContain("  -- nor\n  --- @include nothing\n");
  expect(lua).toContain(`naïve \`\${text}\` \\\\ \\" \\n`);
  expect(lua).not.toMatch(/bound once|over three|in between|a minute/);
});

test("a file with the line ends of Windows, and a mark at its start, becomes the same Lua", () => {
  const folder = mkdtempSync(join(tmpdir(), "redlua-lines-"));
  try {
    const text = readFileSync(`${accepted}odd-text.lua`, "utf8");
    writeFileSync(join(folder, "odd-text.lua"), `\uFEFF${text.replaceAll("\n", "\r\n")}`);
    expect(luaOf(generate([folder]).files[0]?.text ?? "", "[\\w-]+.odd-text")).toBe(luaOf(generated, "accepted.odd-text"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function inLongText(source: readonly string[], index: number): boolean {
  return source.slice(0, index).some((line) => line.endsWith("[[")) && source.slice(index).includes("]]");
}

/** The Lua of one script of a generated file, as JavaScript reads the literal. */
function luaOf(text: string, name: string): string {
  const literal = new RegExp(`name: "${name}",[\\s\\S]*?\\n  lua: (\`(?:\\\\[\\s\\S]|[^\\\\\`])*\`)`).exec(text)?.[1];
  return new Function(`return ${literal};`)() as string;
}
