#!/usr/bin/env node
/**
 * Writes the scripts.gen.ts files of src and the page about them, or with --check says which are stale.
 *
 * The generator is compiled without type checks into a folder of its own, so it runs while a generated file is stale or missing.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "gen-"));
try {
  const tsc = ["-p", "tsconfig.build.json", "--noCheck", "--outDir", folder];
  const light = [
    "--declaration",
    "false",
    "--declarationMap",
    "false",
    "--isolatedDeclarations",
    "false",
    "--sourceMap",
    "false",
  ];
  run(join("node_modules", "typescript", "bin", "tsc"), [...tsc, ...light], "ignore");
  const options = ["--import", "./src/script/index.ts", "--ignore", join("src", "script", "generator", "fixtures")];
  process.exitCode = run(join(folder, "cli", "main.js"), ["gen", "src", ...options, ...process.argv.slice(2)], "inherit");
  if (process.exitCode === 0) process.exitCode = run(join("scripts", "reference.mjs"), process.argv.slice(2), "inherit");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(script, args, stdio) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio });
  if (error) throw error;
  return status ?? 1;
}
