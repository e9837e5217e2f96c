/** The peers' own packages: installed the first time they are needed, so that `npm ci` in the project stays small. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;

/** Runs `npm ci` in this folder, unless what it would install is there. */
export function ensurePeers() {
  const wanted = Object.keys(readPackage(folder).dependencies);
  if (wanted.every((name) => existsSync(join(folder, "node_modules", name, "package.json")))) return;
  process.stderr.write("Installing the peers (npm ci in bench) …\n");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("npm ci in bench failed; what it said is above.");
}

/** The version of a peer, or of redlua. */
export function versionOf(name) {
  return readPackage(name === "redlua" ? join(folder, "..") : join(folder, "node_modules", name)).version;
}

function readPackage(path) {
  return JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
}
