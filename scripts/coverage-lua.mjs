#!/usr/bin/env node
/**
 * Runs the tests that have the embedded engine answer, and tells which lines of src's .lua files they ran; build/coverage/lua.info has
 * the same in lcov's form. Arguments go to vitest: `npm run coverage:lua -- src/lock`.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const counts = join(root, "build", "coverage", "counts");
rmSync(counts, { recursive: true, force: true });
const tests = run(join("node_modules", "vitest", "vitest.mjs"), ["run", "--project", "embedded", ...process.argv.slice(2)]);
const ignored = ["--ignore", join("src", "script", "generator", "fixtures")];
const lcov = ["--lcov", join("build", "coverage", "lua.info")];
const told = run(join("dist", "cli", "main.js"), ["coverage", "src", ...ignored, "--counts", counts, ...lcov]);
process.exitCode = tests || told;

function run(script, args) {
  const env = { ...process.env, REDLUA_COVERAGE: counts };
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit", env });
  if (error) throw error;
  return status ?? 1;
}
