import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root: string = join(import.meta.dirname, "..");

const base = ["core", "port", "client", "script", "embedded"];
const blocks = ["atomic", "lock", "rate-limit", "breaker", "jobs"];
const assemblies = ["cache", "worker", "http"];
const doors = [...base, ...blocks, ...assemblies];

/** Who may import whom. ARCHITECTURE.md says why. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  port: ["core"],
  client: ["core", "port"],
  script: ["core", "port", "client"],
  embedded: ["core", "port"],
  ...Object.fromEntries(blocks.map((block) => [block, base])),
  ...Object.fromEntries(assemblies.map((assembly) => [assembly, [...base, ...blocks]])),
  cli: [...doors, "testing"],
  testing: [...doors, "cli"],
};
const parts = Object.keys(mayImport);

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "redlua-layers-"));
  await cp(join(root, "biome.json"), join(copy, "biome.json"));
  for (const part of parts) await write(`src/${part}/index.ts`, 'export { thing } from "./thing.ts";\n');
  for (const part of parts) await write(`src/${part}/thing.ts`, "export const thing = 1;\n");
});

afterAll(() => rm(copy, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(copy, path)), { recursive: true });
  await writeFile(join(copy, path), text);
}

/** The rules that fire, as `src/lock/x.ts noImportCycles`, once each. */
async function lint(): Promise<readonly string[]> {
  const biome = join(root, "node_modules/.bin/biome");
  const run = await promisify(execFile)(biome, ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none"], {
    cwd: copy,
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout: string }) => error);
  const report = JSON.parse(run.stdout) as { diagnostics: readonly { category: string; location: { path: string } }[] };
  return [...new Set(report.diagnostics.map((each) => `${each.location.path} ${each.category.split("/").at(-1)}`))].sort();
}

/** Plants files, lints the copy, and takes them out again. */
async function fires(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(files)) await write(path, text);
  try {
    return await lint();
  } finally {
    for (const path of Object.keys(files)) await rm(join(copy, path));
  }
}

test("every folder of the source has its place in the layers", async () => {
  const folders = (await readdir(join(root, "src"), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  // `lua` holds what scripts include: no TypeScript, so no layer.
  const strangers = folders.map((entry) => entry.name).filter((name) => name !== "lua" && !parts.includes(name));
  expect(strangers).toEqual([]);
});

test("an import is refused exactly where its layer forbids it, from a nested folder as well", async () => {
  const files: Record<string, string> = {};
  const expected: string[] = [];
  for (const from of parts) {
    for (const to of parts.filter((part) => part !== from)) {
      files[`src/${from}/to-${to}.ts`] = `import { thing } from "../${to}/index.ts";\nexport const twice = thing * 2;\n`;
      files[`src/${from}/inner/to-${to}.ts`] = `import { thing } from "../../${to}/index.ts";\nexport const twice = thing * 2;\n`;
      files[`src/${from}/later-${to}.ts`] = `export const load = async () => await import("../${to}/index.ts");\n`;
      if (mayImport[from]?.includes(to)) continue;
      expected.push(`src/${from}/to-${to}.ts`, `src/${from}/inner/to-${to}.ts`, `src/${from}/later-${to}.ts`);
    }
  }
  const refused = (await fires(files)).filter((each) => each.endsWith(" noRestrictedImports"));
  expect(refused).toEqual(expected.map((path) => `${path} noRestrictedImports`).sort());
});

describe("the linter refuses", () => {
  const planted: Readonly<Record<string, readonly [rule: string, path: string, text: string]>> = {
    "a way around the door of a folder": [
      "noPrivateImports",
      "src/lock/sneaky.ts",
      'import { thing } from "../core/thing.ts";\nexport const twice = thing * 2;\n',
    ],
    "a way around a door, even for the program that may open the doors inside a part": [
      "noRestrictedImports",
      "src/cli/sneaky.ts",
      'import { thing } from "../core/thing.ts";\nexport const twice = thing * 2;\n',
    ],
    "the package's own name below the programs": [
      "noRestrictedImports",
      "src/lock/itself.ts",
      'import { thing } from "redlua/core";\nexport const twice = thing * 2;\n',
    ],
    "a default export": ["noDefaultExport", "src/lock/chosen.ts", "const chosen = 1;\nexport default chosen;\n"],
    "export *": ["noReExportAll", "src/lock/all.ts", 'export * from "./thing.ts";\n'],
    "a file name that is not kebab-case": ["useFilenamingConvention", "src/lock/theLock.ts", "export const one = 1;\n"],
    any: ["noExplicitAny", "src/lock/loose.ts", "export const loose = (value: any): unknown => value;\n"],
    "a non-null assertion": [
      "noNonNullAssertion",
      "src/lock/sure.ts",
      "export const sure = (value?: string): string => value!;\n",
    ],
    "an enum": ["noEnum", "src/lock/kind.ts", "export enum Kind {\n  One,\n}\n"],
    "an import without its extension": [
      "useImportExtensions",
      "src/lock/short.ts",
      'import { thing } from "./thing";\nexport const twice = thing * 2;\n',
    ],
    "a promise that nobody waits for": [
      "noFloatingPromises",
      "src/lock/adrift.ts",
      "async function work(): Promise<void> {}\nexport function go(): void {\n  work();\n}\n",
    ],
    "a function of more than seventy lines": [
      "noExcessiveLinesPerFunction",
      "src/lock/long.ts",
      `export function long(list: number[]): void {\n${"  list.push(1);\n".repeat(71)}}\n`,
    ],
    "a test left out": [
      "noSkippedTests",
      "src/lock/left.test.ts",
      `import { test } from "vitest";\ntest.${"skip"}("later", () => {});\n`,
    ],
    "a test singled out": [
      "noFocusedTests",
      "src/lock/one.test.ts",
      `import { test } from "vitest";\ntest.${"only"}("now", () => {});\n`,
    ],
  };

  test.each(Object.entries(planted))("%s", async (_, [rule, path, text]) => {
    expect(await fires({ [path]: text })).toContain(`${path} ${rule}`);
  });

  test("files that import each other in a circle", async () => {
    const found = await fires({
      "src/lock/hen.ts": 'import { egg } from "./egg.ts";\nexport const hen = (): number => egg() + 1;\n',
      "src/lock/egg.ts": 'import { hen } from "./hen.ts";\nexport const egg = (): number => hen() + 1;\n',
    });
    expect(found).toEqual(expect.arrayContaining(["src/lock/hen.ts noImportCycles", "src/lock/egg.ts noImportCycles"]));
  });
});

test("the linter has nothing against a file that keeps to the rules", async () => {
  const text = 'import { thing } from "../core/index.ts";\n\nexport const twice: number = thing * 2;\n';
  expect(await fires({ "src/lock/tidy.ts": text })).toEqual([]);
});
