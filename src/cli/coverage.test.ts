import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { traceScripts } from "../script/generator/index.ts";
import { runCli } from "./run-cli.ts";

let root: string;
let counts: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "redlua-coverage-"));
  counts = join(root, "counts");
  writeFileSync(join(root, "package.json"), "{}");
  mkdirSync(join(root, "src", "lua"), { recursive: true });
  writeFileSync(join(root, "src", "lua", "twice.lua"), "--- Twice.\nlocal function twice(n)\n  return 2 * n\nend\n");
  const header = "--- Answer.\n---\n--- @arg n integer\n--- @reply integer\n--- @writes none\n\n";
  const body =
    "local n = tonumber(ARGV[1])\n--- @include twice\n\nif n == 1 then return 1 end\nif n == 2 then\n  return 9\nend\nreturn twice(n)\n";
  writeFileSync(join(root, "src", "answer.lua"), header + body);
});

afterEach(() => rmSync(root, { recursive: true }));

const engine: string = fileURLToPath(new URL("../../dist/embedded/index.js", import.meta.url));

/** A process that runs the script in engines of its own, while it is to be counted. */
function process(...numbers: readonly number[]): void {
  const [script] = traceScripts([join(root, "src")]);
  const program = `
    import { createEmbedded, openMemory } from ${JSON.stringify(engine)};
    const lua = ${JSON.stringify(script?.lua)};
    const redis = createEmbedded();
    for (const n of ${JSON.stringify(numbers)}) redis.execute("EVAL", lua, "0", String(n));
    const own = createEmbedded({ coverage: true });
    own.execute("EVAL", lua, "0", "7");
    const port = openMemory("memory:", {});
    await port.send(["EVAL", lua, "0", "8"], { resend: "ok" });
    redis.execute("EVAL", "return 'of no file'", "0");`;
  const env = { ...globalThis.process.env, REDLUA_COVERAGE: counts };
  const { status, stderr } = spawnSync(globalThis.process.execPath, ["--input-type=module", "-e", program], { env });
  expect([status, String(stderr)]).toEqual([0, ""]);
}

function run(...args: string[]): { readonly code: unknown; readonly out: string[]; readonly error: string[] } {
  const [out, error]: [string[], string[]] = [[], []];
  const code = runCli(["coverage", ...args], { out: (line) => out.push(line), error: (line) => error.push(line) });
  return { code, out, error };
}

test("what processes counted is told by the lines of the .lua files, and written as lcov", () => {
  process(1, 5);
  process(5);
  const lcov = join(root, "made", "lua.info");
  const [answer, twice] = ["src/answer.lua", "src/lua/twice.lua"].map((path) => join(root, path)) as [string, string];
  expect(run(join(root, "src"), "--counts", counts, "--lcov", lcov, "--min", "80")).toEqual({
    code: 0,
    out: [
      `${answer.padEnd(twice.length)}   80.0 %        4/5  not run: 12`,
      `${twice}  100.0 %        2/2`,
      `${"All files".padEnd(twice.length)}   85.7 %        6/7`,
      "Scripts that ran and are none of these files as they are now: 1",
    ],
    error: [],
  });
  expect(readFileSync(lcov, "utf8")).toBe(
    `TN:\nSF:${answer}\nDA:7,7\nDA:10,7\nDA:11,6\nDA:12,0\nDA:14,6\nLF:5\nLH:4\nend_of_record\n` +
      `TN:\nSF:${twice}\nDA:2,7\nDA:3,6\nLF:2\nLH:2\nend_of_record\n`,
  );
});

test("a line of which a statement did not run is told, and too few lines are a failure", () => {
  process(5);
  const { code, out, error } = run(join(root, "src"), "--counts", counts, "--min", "90.5");
  expect(out[0]).toContain("not run: 12; in part: 10");
  expect([code, error]).toEqual([1, ["85.7 % of the lines ran, and 90.5 % are asked for."]]);
});

test("beside a script whose header is wrong nothing passes: its lines would not be counted", () => {
  process(1, 2, 5);
  const broken = join(root, "src", "broken.lua");
  writeFileSync(broken, "--- Answer.\n---\n--- @reply intger\n--- @writes none\n\nreturn 1\n");
  expect(run(join(root, "src"), "--counts", counts, "--min", "1")).toEqual({
    code: 1,
    out: [],
    error: [`${broken}:3: there is no type "intger". Did you mean "integer"? (header)`, "1 problem in 1 file"],
  });
});

test("what was counted until an engine was stopped is there although the process was killed then", () => {
  const program = `
    import { createEmbedded } from ${JSON.stringify(engine)};
    const redis = createEmbedded();
    redis.execute("EVAL", ${JSON.stringify(traceScripts([join(root, "src")])[0]?.lua)}, "0", "5");
    await redis.stop();
    process.kill(process.pid, "SIGKILL");`;
  const env = { ...globalThis.process.env, REDLUA_COVERAGE: counts };
  const { signal } = spawnSync(globalThis.process.execPath, ["--input-type=module", "-e", program], { env });
  expect(signal).toBe("SIGKILL");
  expect(run(join(root, "src"), "--counts", counts).out.at(-1)).toContain("6/7");
});

test.each([
  [["src"], "--counts says where the counts are: the folder that REDLUA_COVERAGE named."],
  [[], "say which folders, for example: redlua coverage src"],
  [["src", "--counts", "x", "--min", "101"], '--min is a percentage from 0 to 100, not "101".'],
  [["src", "--counts", "x", "--check"], "coverage writes no scripts, so it has no --check and no --import."],
  [["src", "--counts", "x", "--port", "1"], "--port is an option of serve."],
])("%j is refused", (args, message) => {
  const { code, error } = run(...args);
  expect([code, error[0]?.split("\n")[0]]).toEqual([2, `redlua: ${message}`]);
});

test("counts that are not there are an error that says how to get them", () => {
  expect(run(join(root, "src"), "--counts", counts).error[0]).toContain(`Run the tests with REDLUA_COVERAGE=${counts} first.`);
});

test("a file that cannot be written, and counts that are not whole, are one line", () => {
  process(1);
  expect(run(join(root, "src"), "--counts", counts, "--lcov", root)).toMatchObject({
    code: 1,
    error: [`redlua: EISDIR: illegal operation on a directory, open '${root}'`],
  });
  const [name] = readdirSync(counts) as [string];
  writeFileSync(join(counts, name), "[{");
  expect(run(join(root, "src"), "--counts", counts).error[0]).toContain(`redlua: ${join(counts, name)} is not whole`);
});
