import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "redlua-cli-"));
  write("package.json", "{}");
});

afterEach(() => rmSync(root, { recursive: true }));

const fine = "--- Answer.\n---\n--- @reply integer\n--- @writes none\n\nreturn 1\n";

test("gen writes each folder's file, says so, and the second time finds nothing to do", () => {
  write("src/lock/acquire.lua", fine);
  write("src/queue/add.lua", fine);
  write("src/queue/claim-next.lua", fine);
  const first = run("gen", join(root, "src"));
  expect(first).toEqual({
    code: 0,
    out: [
      `wrote ${join(root, "src/lock/scripts.gen.ts")}: 1 script`,
      `wrote ${join(root, "src/queue/scripts.gen.ts")}: 2 scripts`,
      "3 scripts in 2 folders",
    ],
    error: [],
  });
  expect(read("src/queue/scripts.gen.ts")).toContain('import { defineScript, type Script } from "redlua/script";');
  expect(read("src/queue/scripts.gen.ts")).toContain("export const claimNext: Script<ClaimNext> = defineScript({");
  expect(run("gen", join(root, "src"))).toEqual({ code: 0, out: ["3 scripts in 2 folders, nothing to write"], error: [] });
});

test("gen takes several folders, each file once, and passes over what it is told to", () => {
  for (const path of ["a/one.lua", "b/two.lua", "b/not/three.lua", "b/node_modules/four.lua", "b/.hidden/five.lua"])
    write(path, fine);
  expect(run("gen", join(root, "a"), join(root, "b"), join(root, "b"), "--ignore", join(root, "b/not")).out.at(-1)).toBe(
    "2 scripts in 2 folders",
  );
});

test("gen reads a file through a link, and passes over a link that leads nowhere", () => {
  write("shared/one.lua", fine);
  mkdirSync(join(root, "src"));
  symlinkSync(join(root, "shared/one.lua"), join(root, "src/two.lua"));
  symlinkSync(join(root, "gone.lua"), join(root, "src/three.lua"));
  symlinkSync(root, join(root, "src/circle"));
  expect(run("gen", join(root, "src")).out.at(-1)).toBe("1 script in 1 folder");
  expect(read("src/scripts.gen.ts")).toContain("export const two:");
});

test("--import names a module, or a path that is made relative", () => {
  write("src/lock/acquire.lua", fine);
  run("gen", join(root, "src"), "--import", join(root, "src/script/index.ts"));
  expect(read("src/lock/scripts.gen.ts")).toContain('from "../script/index.ts";');
  run("gen", join(root, "src"), "--import", "elsewhere");
  expect(read("src/lock/scripts.gen.ts")).toContain('from "elsewhere";');
});

test("--check names each stale file and writes nothing", () => {
  write("src/lock/acquire.lua", fine);
  write("src/queue/add.lua", fine);
  run("gen", join(root, "src"));
  expect(run("gen", "--check", join(root, "src"))).toEqual({ code: 0, out: [], error: [] });
  write("src/lock/acquire.lua", fine.replace("return 1", "return 2"));
  const before = read("src/lock/scripts.gen.ts");
  const path = join(root, "src/lock/scripts.gen.ts");
  expect(run("gen", "--check", join(root, "src"))).toEqual({ code: 1, out: [], error: [`${path} is stale: run "redlua gen"`] });
  expect(read("src/lock/scripts.gen.ts")).toBe(before);
});

test("a generated file is taken away with the last script beside it, and nothing else is", () => {
  write("src/lock/acquire.lua", fine);
  run("gen", join(root, "src"));
  rmSync(join(root, "src/lock/acquire.lua"));
  write("src/other/scripts.gen.ts", "export const mine = 1;\n");
  expect(run("gen", join(root, "src")).out[0]).toBe(
    `removed ${join(root, "src/lock/scripts.gen.ts")}: no script is left beside it`,
  );
  expect(existsSync(join(root, "src/lock/scripts.gen.ts"))).toBe(false);
  expect(existsSync(join(root, "src/other/scripts.gen.ts"))).toBe(true);
});

test("problems are all listed, their folder is left as it is, and the others are written", () => {
  write("src/lock/acquire.lua", fine);
  write("src/queue/add.lua", fine.replace("return 1", "total = 1\nreturn totl"));
  write("src/queue/claim.lua", fine.replace("integer", "intger"));
  const { code, out, error } = run("gen", join(root, "src"));
  expect(code).toBe(1);
  expect(out).toEqual([`wrote ${join(root, "src/lock/scripts.gen.ts")}: 1 script`]);
  expect(error.map((line) => line.replace(`${root}/`, ""))).toEqual([
    'src/queue/add.lua:6: "total" is a global: write "local total" where it first gets a value (stray-global)',
    expect.stringMatching(/^src\/queue\/add\.lua:7: "totl" is neither a local here nor part of Redis' sandbox/),
    'src/queue/claim.lua:3: there is no type "intger". Did you mean "integer"? (header)',
    "3 problems in 2 files",
  ]);
  expect(existsSync(join(root, "src/queue/scripts.gen.ts"))).toBe(false);
});

test("lint says the same and writes nothing", () => {
  write("src/lock/acquire.lua", fine);
  expect(run("lint", join(root, "src"))).toEqual({ code: 0, out: ["1 file, no problems"], error: [] });
  expect(existsSync(join(root, "src/lock/scripts.gen.ts"))).toBe(false);
  write("src/lock/acquire.lua", fine.replace("return 1", "return math.random()"));
  expect(run("lint", join(root, "src")).code).toBe(1);
});

test.each([
  [[], "redlua: say what to do: gen, lint, coverage or serve."],
  [["gne", "src"], 'redlua: there is no command "gne". Did you mean "gen"?'],
  [["gen"], "redlua: say which folders, for example: redlua gen src"],
  [["gen", "src", "--chek"], 'redlua: there is no option "chek". Did you mean "--check"?'],
  [["lint", "src", "--check"], "redlua: lint writes no scripts, so it has no --check and no --import."],
  [["gen", "no-such-folder"], 'redlua: There is no folder "no-such-folder". Give the folder that your .lua files are in.'],
  [["gen", "src", "--port", "1"], "redlua: --port is an option of serve."],
  [["serve", "src"], "redlua: serve takes no folders, and of the options only --port, --host, --unixsocket, --aof, --fsync."],
  [["serve", "--port", "99999"], 'redlua: "99999" is not a port: 0 to 65535.'],
  [["serve", "--fsync", "sometimes"], 'redlua: --fsync is always, everysec or no, not "sometimes".'],
  [["gen", "no-such-folder", "--import", ""], "redlua: --import is empty."],
  [["gen", "no-such-folder", "--ignore", "a", "--ignore", ""], "redlua: --ignore is empty."],
  [["serve", "--host", ""], "redlua: --host is empty."],
  [["gen", "src", "--import"], expect.stringMatching(/^redlua: Option '--import <value>' argument missing/)],
])("redlua %j is answered with one line and the usage, and ends with 2", (args, message) => {
  const { code, out, error } = run(...args);
  expect({ code, out }).toEqual({ code: 2, out: [] });
  const [line, empty, usage] = (error[0] ?? "").split("\n");
  expect(line).toEqual(message);
  expect([empty, usage]).toEqual(["", expect.stringMatching(/^Usage: redlua gen/)]);
});

test("a file that cannot be written is one line, and ends with 1", () => {
  write("src/lock/acquire.lua", fine);
  mkdirSync(join(root, "src/lock/scripts.gen.ts"));
  expect(run("gen", join(root, "src"))).toEqual({ code: 1, out: [], error: [expect.stringMatching(/^redlua: EISDIR: [^\n]*$/)] });
});

test("--help and --version answer and end with 0", () => {
  expect(run("--help")).toEqual({ code: 0, out: [expect.stringContaining("Usage: redlua gen")], error: [] });
  expect(run("--version").out[0]).toMatch(/^\d+\.\d+\.\d+/);
});

function run(...args: readonly string[]): {
  readonly code: number;
  readonly out: readonly string[];
  readonly error: readonly string[];
} {
  const out: string[] = [];
  const error: string[] = [];
  const code = runCli(args, { out: (line) => out.push(line), error: (line) => error.push(line) });
  if (typeof code !== "number") throw new Error("Only serve takes its time.");
  return { code, out, error };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
