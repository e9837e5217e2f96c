import { describe, expect, test } from "vitest";
import { compile, LuaError, openLibraries, Runtime, StepLimitError } from "./index.ts";

/** Runs a program with a budget of steps. */
function run(source: string, steps: number, backend: "source" | "closures") {
  const rt = new Runtime({ backend });
  openLibraries(rt);
  rt.limitSteps(steps);
  return rt.callMany(compile(source, "user_script", { backend }).instantiate(rt, rt.globals), []);
}

/** What is thrown. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe.each(["source", "closures"] as const)("compiled to %s", (backend) => {
  test.each([
    "while true do end",
    "repeat until false",
    "for i = 1, math.huge do end",
    "for i = 2, 1, 0 do end",
    "for k in function() return 1 end do end",
    "local function f() return f() end f()",
    "local function f(n) f(n) end pcall(f) while true do pcall(f) end",
    "local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)",
    "while true do pcall(error) end",
    "pcall(function() while true do end end)",
    "xpcall(function() while true do end end, function() return 1 end)",
    "local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "coroutine.wrap(function() while true do end end)()",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
    'return ("a"):rep(50):find(("a*"):rep(50) .. "b")',
    "loadstring('while true do end')()",
  ])("a program without end stops when its steps are used up, and nothing in it can catch that: %s", (source) => {
    expect(thrownBy(() => run(source, 200_000, backend))).toBeInstanceOf(StepLimitError);
  });

  test("a program within its steps is left alone", () => {
    expect(run("local n = 0 for i = 1, 1000 do n = n + i end return n", 10_000, backend)).toEqual([500_500]);
  });

  test("a program that needs more than one slice of steps gets them, and a check between", () => {
    const rt = new Runtime({ backend });
    let checks = 0;
    rt.onSlice(() => checks++);
    const main = compile("for i = 1, 3500000 do end return 1", "user_script", { backend }).instantiate(rt, rt.globals);
    expect(rt.callMany(main, [])).toEqual([1]);
    expect(checks).toBe(3);
  });

  test.each([
    "local s = 'x' while true do s = s .. s end",
    "local s = ('x'):rep(1000) local t = {} for i = 1, 40 do s = s:rep(10) end",
  ])("a string too long ends in Lua's error: %s", (source) => {
    const thrown = thrownBy(() => run(source, 1e12, backend));
    expect(thrown).toBeInstanceOf(LuaError);
    expect((thrown as LuaError).value).toBe("not enough memory");
  });

  test.each([
    `return ${"1+".repeat(100_000)}1`,
    `local t return t${".t".repeat(100_000)}`,
    `f${"()".repeat(100_000)}`,
    `if a then ${"elseif a then ".repeat(50_000)} end`,
    `return ${"{".repeat(100_000)}`,
    `x = ${"function() ".repeat(100_000)}`,
    `${"while true do ".repeat(100_000)}`,
    `return ${"-".repeat(3)} ${"- ".repeat(100_000)}1`,
  ])("a source that nests too deep is refused or compiles, and nothing breaks (%#)", (source) => {
    const thrown = thrownBy(() => compile(source, "user_script", { backend }));
    if (thrown !== undefined) expect(thrown).toBeInstanceOf(LuaError);
  });

  test("recursion is deep enough for a thousand calls and ends in an error that pcall catches", () => {
    const source = "local n = 0 local function f() n = n + 1 return 1 + f() end local ok, e = pcall(f) return ok, e, n > 1000";
    expect(run(source, 1e9, backend)).toEqual([false, "user_script:1: stack overflow", true]);
  });

  test("an error says which chunk and line it came from, besides its text", () => {
    const rt = new Runtime({ backend });
    openLibraries(rt);
    const main = compile("local function f()\n  error({})\nend\nf()", "user_script", { backend }).instantiate(rt, rt.globals);
    const thrown = thrownBy(() => rt.call(main, []));
    expect(thrown).toMatchObject({ chunk: "user_script", line: 2 });
  });

  test("one compiled chunk serves many runtimes", () => {
    const prototype = compile("n = (n or 0) + 1 return n", "user_script", { backend });
    const answers = [1, 2].map(() => {
      const rt = new Runtime({ backend });
      const main = prototype.instantiate(rt, rt.globals);
      return [rt.callFirst(main, []), rt.callFirst(main, [])];
    });
    expect(answers).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

test("the backend of closures runs where making code from text is forbidden", () => {
  const realFunction = globalThis.Function;
  globalThis.Function = class {
    constructor() {
      throw new EvalError("Code generation from strings disallowed for this context");
    }
  } as unknown as FunctionConstructor;
  try {
    const source = "local f = loadstring('return ...') local co = coroutine.wrap(f) return f(1), co(2)";
    expect(() => run(source, 100_000, "source")).toThrow(EvalError);
    expect(run(source, 100_000, "closures")).toEqual([1, 2]);
  } finally {
    globalThis.Function = realFunction;
  }
});
