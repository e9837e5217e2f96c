/**
 * Completes package-lock.json after `npm install`: `node scripts/complete-lock.mjs [folder]`.
 *
 * A registry mirror may lack the binaries of platforms that nobody near it uses. `npm install` then leaves them out of the
 * lock, and `npm ci` refuses that lock, here and everywhere else. So every optional package is named, with the version
 * that its parent asks for and the platform that its name says; npm skips those of other platforms.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = join(import.meta.dirname, "..", process.argv[2] ?? ".", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const packages = lock.packages;
let added = 0;

for (const parent of Object.values({ ...packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (packages[path] !== undefined || !/^\d/.test(version)) continue;
    packages[path] = { version, ...platform(name), ...(parent.dev ? { dev: true } : {}), optional: true };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} added`);

/** `linux-x64-musl` → os, cpu and libc, as npm compares them. */
function platform(name) {
  const [, os, cpu, abi = ""] = /(linux|darwin|win32|android|freebsd|openharmony)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name) ?? [];
  if (os === undefined) throw new Error(`${name}: no platform in its name. Add it to package-lock.json by hand.`);
  const libc = abi.startsWith("musl") ? ["musl"] : abi.startsWith("gnu") ? ["glibc"] : undefined;
  return { os: [os], cpu: [cpu], ...(os === "linux" && libc ? { libc } : {}) };
}
