import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { commands } from "../command/all.ts";
import { StillClock } from "../fixtures/index.ts";
import { createEmbedded } from "../index.ts";
import { Engine } from "../session/index.ts";
import { Coverage, coverageByFile, formatLcov, type ScriptCoverage } from "./index.ts";

const sha = (lua: string): string => createHash("sha1").update(lua).digest("hex");

/** `line:column×hits` of each statement. */
const shown = (script: ScriptCoverage | undefined): string =>
  (script?.statements ?? []).map(({ line, column, hits }) => `${line}:${column}×${hits}`).join(" ");

const everyStatement = `local n, list = 0, {}
for i = 1, 3 do n = n + i end
for _, each in ipairs({ 1, 2 }) do
  list[#list + 1] = each
end
while n > 4 do n = n - 1 if n == 5 then break end end
repeat
  n = n - 1
until n < 3
local function add(a)
  return a + 1
end
do add(1) end
if n == 9 then n = 1
elseif n == 8 then n = 2
elseif n == 2 then
  n = 3
else n = 4 end
if n then return n end`;

describe.each(["source", "closures"] as const)("compiled to %s", (luaBackend) => {
  const start = (): { readonly say: (...args: string[]) => unknown; readonly coverage: Coverage } => {
    const coverage = new Coverage();
    const session = new Engine({ clock: new StillClock(), commands, luaBackend, coverage }).connect();
    return { say: (...args) => session.execute(args), coverage };
  };

  test("each statement is counted where it begins, as often as it is reached", () => {
    const { say, coverage } = start();
    expect(say("EVAL", everyStatement, "0")).toBe(3);
    expect(shown(coverage.report()[0])).toBe(
      "1:1×1 2:1×1 2:17×3 3:1×1 4:3×2 6:1×1 6:16×1 6:26×1 6:41×1 7:1×1 8:3×3 10:1×1 11:3×1 13:1×1 13:4×1 " +
        "14:1×1 14:16×0 15:1×1 15:20×0 16:1×1 17:3×1 18:6×0 19:1×1 19:11×1",
    );
  });

  test("what fails or is left early is counted up to there, and what a coroutine runs as well", () => {
    const { say, coverage } = start();
    say("EVAL", "local a = 1\nerror('no')\nreturn a", "0");
    say("EVAL", "local f = coroutine.wrap(function()\n  coroutine.yield(1)\n  return 2\nend)\nf()\nf()", "0");
    expect(coverage.report().map(shown)).toEqual(["1:1×1 2:1×1 3:1×0", "1:1×1 2:3×1 3:3×1 5:1×1 6:1×1"]);
  });

  test("calls add up, and survive SCRIPT FLUSH", () => {
    const { say, coverage } = start();
    const lua = "if ARGV[1] == 'x' then\n  return 1\nend\nreturn 2";
    say("EVAL", lua, "0", "x");
    say("EVALSHA", sha(lua), "0", "y");
    say("SCRIPT", "FLUSH");
    say("EVAL", lua, "0", "y");
    expect(coverage.report()).toMatchObject([
      {
        sha: sha(lua),
        kind: "script",
        source: lua,
        lines: [
          { line: 1, hits: 3 },
          { line: 2, hits: 1 },
          { line: 4, hits: 2 },
        ],
      },
    ]);
  });

  test("functions of libraries are counted, and lines keep their numbers under a shebang", () => {
    const { say, coverage } = start();
    say("FUNCTION", "LOAD", "#!lua name=one\nredis.register_function('f', function()\n  return 7\nend)");
    say("FCALL", "f", "0");
    say("EVAL", "#!lua flags=no-writes\nreturn 1", "0");
    expect(coverage.report().map((each) => `${each.kind} ${shown(each)}`)).toEqual(["library 2:1×1 3:3×1", "script 2:1×1"]);
  });
});

test("an engine counts if it is asked to, and only what it ran itself", async () => {
  await using counting = createEmbedded({ coverage: true });
  await using other = createEmbedded({ coverage: true });
  await using plain = createEmbedded();
  counting.execute("EVAL", "return 'größer'", "0");
  other.execute("EVAL", "return 'größer'", "0");
  other.execute("EVAL", "return 'größer'", "0");
  expect(counting.coverage()).toMatchObject([{ source: "return 'größer'", lines: [{ line: 1, hits: 1 }] }]);
  expect(() => plain.coverage()).toThrow("make the engine with { coverage: true }");
});

describe("by file", () => {
  const one = { name: "stock.reserve", lua: "local a = 1\nif a then return a end\nreturn 2" };
  const scripts = [{ ...one, sha: sha(one.lua) }];

  test("what was counted in several places is added up, and what never ran has no hits", async () => {
    await using first = createEmbedded({ coverage: true });
    await using second = createEmbedded({ coverage: true });
    for (const redis of [first, first, second]) redis.execute("EVAL", one.lua, "0");
    const never = { name: "stock.release", sha: sha("return 1"), lua: "return 1" };
    const files = coverageByFile([...first.coverage(), ...second.coverage()], [...scripts, never]);
    expect(formatLcov(files)).toBe(
      "TN:\nSF:stock.release\nDA:1,0\nLF:1\nLH:0\nend_of_record\n" +
        "TN:\nSF:stock.reserve\nDA:1,3\nDA:2,3\nDA:3,0\nLF:3\nLH:2\nend_of_record\n",
    );
  });

  test("places of several scripts that come from one file are those of that file", async () => {
    await using redis = createEmbedded({ coverage: true });
    const bodies = ["local a = 1 return a", "local a = 1 return 2"];
    for (const lua of bodies) redis.execute("EVAL", lua, "0");
    const traced = bodies.map((lua) => ({
      name: lua,
      lua,
      sha: sha(lua),
      trace: (_: number, column: number) =>
        column === 1 ? { file: "included.lua", line: 7, column: 3 } : { file: `${lua}.lua`, line: 1, column: 1 },
    }));
    const [first] = coverageByFile(redis.coverage(), traced);
    expect(first).toEqual({
      file: "included.lua",
      lines: [{ line: 7, hits: 2 }],
      statements: [{ line: 7, column: 3, hits: 2 }],
    });
  });

  test("without a list of scripts each stands under its SHA; what is not Lua has no lines", async () => {
    await using redis = createEmbedded({ coverage: true });
    redis.execute("EVAL", one.lua, "0");
    expect(coverageByFile(redis.coverage()).map(({ file }) => file)).toEqual([sha(one.lua)]);
    expect(coverageByFile([], [{ name: "x", sha: sha("end"), lua: "end" }])).toEqual([]);
  });
});
