#!/usr/bin/env node
/**
 * Writes docs/reference/scripts.md from the headers of redlua's scripts, or with --check says whether it is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "docs", "reference", "scripts.md");

const intro = `# Scripts

Every script that redlua runs, from the headers of its \`.lua\` files. Written by \`node scripts/reference.mjs\`; do not edit.
What the tags and types mean: [scripts](../guides/script.md#the-header).
`;

const paths = readdirSync(join(root, "src"), { recursive: true })
  .filter((path) => path.endsWith(".lua") && !path.includes("fixtures"))
  .sort();
const scripts = paths
  .map((path) => ({ path, text: readFileSync(join(root, "src", path), "utf8") }))
  .filter(({ text }) => /^--- @writes/m.test(text));
const text = [intro, ...scripts.map(sectionOf)].join("\n");

if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
  console.error("docs/reference/scripts.md is stale: node scripts/reference.mjs");
  process.exitCode = 1;
}

function sectionOf({ path, text }) {
  const { prose, tags } = headerOf(text);
  const of = (name) => tags.filter((tag) => tag.name === name).map(({ text }) => text);
  const keys = of("key")
    .map((tag) => splitFirst(tag, /^\S+/))
    .map(([name, rest]) => [name, ...splitFirst(rest, /^\S+/)]);
  const args = of("arg")
    .map((tag) => splitFirst(tag, /^\S+/))
    .map(([name, rest]) => [name.replace(/:$/, ""), ...splitType(rest)]);
  return [
    `## ${dirname(path).replaceAll("/", ".")}.${basename(path, ".lua")}\n`,
    `${prose} Writes: **${of("writes")[0]}**. [Source](../../src/${path})\n`,
    ...tableOf(["key", "holds", ""], keys),
    ...tableOf(["argument", "type", ""], args),
    `Replies: ${of("reply")
      .map((reply) => `\`${reply}\``)
      .join(", ")}\n`,
  ].join("\n");
}

function headerOf(text) {
  const prose = [];
  const tags = [];
  for (const line of text.split("\n")) {
    const said = /^---? ?(.*)$/.exec(line)?.[1];
    if (said === undefined) break;
    const [, name, rest] = /^@(\w+)\s*(.*)$/.exec(said) ?? [];
    if (name !== undefined) tags.push({ name, text: rest });
    else if (tags.length > 0) tags.at(-1).text += ` ${said.trim()}`;
    else prose.push(said);
  }
  return { prose: prose.join(" ").trim(), tags };
}

function tableOf(head, rows) {
  if (rows.length === 0) return [];
  const cell = (text, index) => (index < 2 ? `\`${text}\`` : text.replaceAll("|", "\\|"));
  const lines = rows.map((row) => `| ${row.map(cell).join(" | ")} |`);
  return [`| ${head.join(" | ")} |`, "|---|---|---|", ...lines, ""];
}

/** A type ends at the first space that is in no braces. */
function splitType(text) {
  let depth = 0;
  let end = 0;
  for (; end < text.length; end++) {
    if (text[end] === "{") depth++;
    else if (text[end] === "}") depth--;
    else if (text[end] === " " && depth === 0) break;
  }
  return [text.slice(0, end), text.slice(end).trim()];
}

function splitFirst(text, pattern) {
  const [first = ""] = pattern.exec(text) ?? [];
  return [first, text.slice(first.length).trim()];
}
