/**
 * `npm test`: everything. `npm test lock`, `npm test -- src/script`: the tests of a part.
 *
 * Every check runs even if one before it failed. The last line says how many tests and checks passed and failed.
 *
 * What is drawn at random for the comparisons with Redis is the same each time, so that a change is judged by what it changes:
 * `npm run fuzz` draws anew.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { summary, withFailure } from "./summary.mjs";

const root = join(import.meta.dirname, "..");
const env = { REDLUA_FUZZ_SEED: "1", ...process.env, PATH: join(root, "node_modules", ".bin") + delimiter + process.env.PATH };
const part = process.argv.slice(2);
const plain = process.stdout.isTTY ? [] : ["--colors=off"];

const checks = [
  ["build", "node", "scripts/build.mjs"],
  ...(part.length > 0
    ? []
    : [
        ...(existsSync(join(root, "scripts/gen.mjs")) ? [["generated Lua is fresh", "node", "scripts/gen.mjs", "--check"]] : []),
        ["types", "tsc", "--noEmit"],
        ["lint", "biome", "ci", "--error-on-warnings", ...plain],
        ["dead code", "knip", "--no-config-hints"],
      ]),
];

const failed = [];
for (const [name, command, ...args] of checks) {
  console.log(`\n— ${name}: ${[command, ...args].join(" ")}`);
  const { code } = await run(command, args);
  if (code !== 0) failed.push(name);
}

const tests = await run("vitest", ["run", ...part]);
const none = { passed: 0, failed: 0, skipped: 0 };
const counts = tests.code === 0 && tests.counts ? tests.counts : withFailure(tests.counts ?? none);
counts.passed += checks.length - failed.length;
counts.failed += failed.length;

for (const name of failed) console.log(`FAILED: ${name} (see above)`);
console.log(summary(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Runs a command in the project. Resolves with its exit code, and with the counts that the reporter sent, if it is vitest. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    let counts;
    child.on("message", (message) => {
      if (message?.redlua === "counts") counts = message.counts;
    });
    child.on("error", (error) => {
      console.error(`${command} cannot be run: ${error.message}. Run npm ci first.`);
      resolve({ code: 1 });
    });
    child.on("close", (code) => resolve({ code: code ?? 1, counts }));
  });
}
