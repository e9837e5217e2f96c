import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { promisedOutput } from "./house/output.ts";
import { projectFiles, root } from "./house/project.ts";

/** One file each; an example that is a folder is a program, with tests of its own. */
const examples = projectFiles().filter((file) => /^examples\/[^/]+\.ts$/.test(file.path));

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis({ engine: "redis-server", tcp: true });
});

afterAll(() => server?.stop());

test("every example that is there is run", () => {
  const folder = join(root, "examples");
  const present = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ts")) : [];
  expect(examples.map((example) => example.path)).toEqual(present.map((name) => `examples/${name}`).sort());
});

test("every example ends with what it prints", () => {
  expect(examples.filter((example) => promisedOutput(example.text) === undefined).map((example) => example.path)).toEqual([]);
});

for (const [example, where] of examples.flatMap((each) => [[each, "on Redis"] as const, [each, "in memory"] as const])) {
  test(`${example.path} prints what it says, ${where}`, async () => {
    const built = join(root, "build", example.path.replace(/\.ts$/, ".js"));
    if (!existsSync(built) || statSync(built).mtimeMs < statSync(join(root, example.path)).mtimeMs) {
      throw new Error(`${example.path} is newer than what was built from it: npm run build`);
    }
    // Examples get what a user gets, whatever this run is on.
    const { REDIS_URL: _, REDLUA_TEST_ENGINE: __, ...inherited } = process.env;
    const env = where === "on Redis" ? { ...inherited, REDIS_URL: server.url } : inherited;
    const { stdout } = await promisify(execFile)(process.execPath, [built], { cwd: root, env, timeout: 10_000 });
    expect(stdout).toBe(promisedOutput(example.text));
  });
}

test("the foot of an example is read to its end, and only there", () => {
  expect(promisedOutput('log("a");\n\n// Output:\n// one\n//\n//   two\n')).toBe("one\n\n  two\n");
  expect(promisedOutput("// Output:\n// one\nlog();\n")).toBeUndefined();
  expect(promisedOutput("log();\n")).toBeUndefined();
});
