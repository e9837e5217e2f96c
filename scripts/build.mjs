/**
 * Builds the package and its examples: `src` → `dist`, then `examples` → `build/examples`.
 *
 * The examples import `redlua` as its users do, through the exports of package.json, so they see what was just built.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

process.chdir(join(import.meta.dirname, ".."));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

compile("tsconfig.build.json");
removeStale("dist", "src");
if (existsSync("dist/cli/main.js")) chmodSync("dist/cli/main.js", 0o755);

if (existsSync("examples")) compile("tsconfig.examples.json");
removeStale("build/examples", "examples");

function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Removes what was built from a source that is gone. The rest stays where it is: others may be reading it. */
function removeStale(target, source) {
  if (!existsSync(target)) return;
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const origin = join(source, path.slice(target.length)).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (!existsSync(origin)) rmSync(path, { recursive: true, force: true });
  }
}
