import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { LuaError, StepLimitError } from "../error.ts";
import { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { openLibraries } from "./index.ts";

function run(source: string, steps = Number.POSITIVE_INFINITY): unknown {
  const runtime = new Runtime();
  openLibraries(runtime);
  for (const name of ["string", "table"]) (runtime.globals.get(name) as LuaTable).readonly = true;
  runtime.limitSteps(steps);
  try {
    return runtime.callFirst(compile(source, "user_script").instantiate(runtime, runtime.globals), []);
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
}

test.each([
  { what: "a pattern that tries everything", work: `string.find(string.rep("a", 3000), ".-.-.-.-b")` },
  { what: "a long repetition", work: `string.rep("x", 500000000)` },
  { what: "long texts, again and again", work: `for i = 1, 1000 do string.upper(string.rep("x", 1000000)) end` },
  ...Object.entries({
    "comparing long texts": "local t = s .. 'y' local l = t < t",
    "text as a number": "local n = tonumber(s)",
    "long text in arithmetic": "local n = (s .. '1') + 1",
    "looking for a plain text": "local at = s:find('y', 1, true)",
    "joining long texts": "local t = table.concat({s, s})",
    "formatting long texts": "local t = ('%s'):format(s)",
  }).map(([what, step]) => ({ what, work: `local s = (" "):rep(100000) for i = 1, 200 do ${step} end` })),
  {
    what: "unpacking a long list",
    work: `local t = {} for i = 1, 7000 do t[i] = i end for i = 1, 500 do local a = unpack(t) end`,
  },
  {
    what: "sorting",
    work: `local t = {} for i = 1, 1000 do t[i] = i end for i = 1, 1000 do table.sort(t, function(a, b) return a > b end) end`,
  },
  { what: "a long JSON list", work: `cjson.decode("[" .. string.rep("1,", 1000000) .. "1]")` },
])("$what ends when the steps are used up, and pcall does not catch it", ({ work }) => {
  expect(() => run(`pcall(function() ${work} end)`, 100_000)).toThrow(StepLimitError as never);
});

test("what would not fit into memory is Lua's error, not a crash", () => {
  expect(run(`return select(2, pcall(string.rep, "x", 2 ^ 30))`)).toBe("not enough memory");
  expect(run(`local s = string.rep("x", 2 ^ 28) return select(2, pcall(table.concat, {s, s, s}))`)).toBe("not enough memory");
  expect(run(`local s = string.rep("x", 2 ^ 20) return select(2, pcall(string.gsub, s, "x", string.rep("y", 1024)))`)).toBe(
    "not enough memory",
  );
});

test("what is nested without an end is an error", () => {
  expect(run(`string.find(string.rep("a", 1e5), string.rep("a?", 1e5))`)).toBe("user_script:1: pattern too complex");
  expect(run(`local t = {} t[1] = t return select(2, pcall(cjson.encode, t))`)).toBe(
    "Cannot serialise, excessive nesting (1001)",
  );
  expect(run(`cjson.encode_max_depth(1e9) local t = {} t[1] = t return pcall(cjson.encode, t)`)).toBe(false);
  expect(run(`cjson.decode_max_depth(1e9) return pcall(cjson.decode, string.rep("[", 1e6))`)).toBe(false);
  expect(run(`return pcall(cmsgpack.unpack, string.rep("\\145", 1e6))`)).toBe(false);
  expect(run(`local t = {} t[1] = t return #cmsgpack.pack(t)`)).toBe(17);
});

test("a read-only table is not changed by a library function, and the error has no position", () => {
  const refusal = "Attempt to modify a readonly table";
  expect(run(`table.insert(string, 1)`)).toBe(refusal);
  expect(run(`table.insert(string, 1, 1)`)).toBe(refusal);
  expect(run(`rawset(string, "rep", 1)`)).toBe(refusal);
  expect(run(`setmetatable(string, {})`)).toBe(refusal);
  expect(run(`table.remove(string) table.sort(string) return "nothing to do"`)).toBe("nothing to do");
});
