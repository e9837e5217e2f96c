import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { doors, projectFiles, root } from "./house/project.ts";
import { rules } from "./house/rules.ts";
import { undocumented } from "./house/undocumented.ts";

const files = projectFiles();
const paths = new Set(files.map((file) => file.path));

describe.each(Object.entries(rules))("%s", (_, rule) => {
  test("everywhere", () => {
    expect(files.filter((file) => rule.applies(file.path)).flatMap((file) => rule.breaches(file))).toEqual([]);
  });

  test("and a file that breaks it is found", () => {
    expect([rule.applies(rule.example.path), rule.breaches(rule.example).length]).toEqual([true, 1]);
  });
});

test("the project is read: its source, its tests and its lock file are there", () => {
  for (const path of ["src/core/errors.ts", "src/core/errors.test.ts", "package-lock.json", "test/tidy.test.ts"]) {
    expect(paths).toContain(path);
  }
});

test("every folder of the source has a door", () => {
  const folders = new Set([...paths].filter((path) => /^src\/.*\.ts$/.test(path) && !path.includes("/fixtures/")).map(dirname));
  // A program is entered through its main.ts.
  folders.delete("src/cli");
  expect([...folders].filter((folder) => !paths.has(`${folder}/index.ts`))).toEqual([]);
});

test("package.json exports every door, and nothing that has none", () => {
  const isPublic = /^src\/(?:index|(?!cli\/)[a-z-]+\/index|client\/[a-z-]+\/index|script\/generator\/index)\.ts$/;
  expect([...doors.values()].sort()).toEqual([...paths].filter((path) => isPublic.test(path)).sort());
  for (const [subpath, door] of doors) expect(door).toBe(join("src", subpath, "index.ts"));
});

describe("what a door exports has a doc comment", () => {
  test.each([...doors])("%s", (_, door) => {
    expect(undocumented(door, (path) => (paths.has(path) ? readFileSync(join(root, path), "utf8") : ""))).toEqual([]);
  });

  test("and what has none is found, behind another door as well", () => {
    const planted: Record<string, string> = {
      "src/index.ts": 'export {\n  Lock,\n  type LockOptions,\n  tryLock as attempt,\n} from "./lock/index.ts";\n',
      "src/lock/index.ts": 'export { Lock, type LockOptions, tryLock } from "./lock.ts";\n',
      "src/lock/lock.ts":
        "/** A lease. */\nexport class Lock {}\n/** Not its comment. */\nconst limit = 1;\nexport interface LockOptions {}\n" +
        "export async function tryLock(): Promise<void> {}\n",
    };
    expect(undocumented("src/index.ts", (path) => planted[path] ?? "")).toEqual([
      "src/lock/lock.ts LockOptions",
      "src/lock/lock.ts tryLock",
    ]);
  });
});

test("the lock file names the packages of every platform, or `npm ci` refuses it: node scripts/complete-lock.mjs", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.values(packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {}));
  expect(wanted.length).toBeGreaterThan(20);
  const found = (name: string): boolean => Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`));
  expect(wanted.filter((name) => !found(name))).toEqual([]);
});
