import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rules } from "./generator/index.ts";

const guide: string = readFileSync(fileURLToPath(new URL("../../docs/guides/script.md", import.meta.url)), "utf8");

test("the guide has every rule of the generator in its table, in order, and no other", () => {
  const table = guide.slice(guide.indexOf("### The rules"), guide.indexOf("## Running"));
  expect([...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, rule]) => rule)).toEqual(Object.keys(rules));
});

test("the reference of scripts is what their headers say", () => {
  const script = fileURLToPath(new URL("../../scripts/reference.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});
