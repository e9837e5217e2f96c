import { expect, test } from "vitest";
import { StillClock } from "../fixtures/index.ts";
import type { CommandLog } from "../session/index.ts";
import { newSession } from "./fixtures/index.ts";

const run = (script: string, steps?: number): unknown =>
  newSession(steps === undefined ? {} : { scriptSteps: steps }).execute(["EVAL", script, "0"]);

const stopped = {
  message: expect.stringMatching(
    /^ERR Script stopped: it took more than 100000 steps .* What it has written stays\. script: \w{40}$/,
  ),
};

test.each([
  "while true do end",
  "repeat until false",
  "local function f() return f() end return f()",
  "for i=1,1e9 do local x = i end",
  "pcall(function() while true do end end) return 1",
  "while true do pcall(error) end",
  "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
  "while true do redis.call('ping') end",
  "return string.rep('a', 1e5):find(('a*'):rep(20)..'b')",
  "local t = {} for i=1,1e9 do t[i] = i end",
  "return load(function() return ' ' end)",
  "return load(function() return 1 end)",
])("a script that does not end is stopped, and says so: %s", (script) => {
  expect(run(script, 100_000)).toMatchObject(stopped);
});

test("what a stopped script has written stays, and the next script runs", () => {
  const session = newSession({ scriptSteps: 100_000 });
  expect(session.execute(["EVAL", "redis.call('set','a','1') while true do end", "0"])).toMatchObject(stopped);
  expect(session.execute(["GET", "a"])).toBe("1");
  expect(session.execute(["EVAL", "for i=1,1000 do redis.call('incr','a') end return redis.call('get','a')", "0"])).toBe("1001");
});

test.each([
  "local s = 'x' while true do s = s .. s end",
  "return string.rep('x', 1e10)",
  "local function r() return 1+r() end return r()",
  "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
  "local f = function(f) return f(f) .. 'x' end return f(f)",
  "return ('x'):rep(1e9):rep(1e9)",
  "local t = {} for i = 1, 1e5 do t = {t} end return cjson.encode(t)",
  "return cjson.decode(('['):rep(1e6))",
  "return table.concat({('x'):rep(5e8), ('x'):rep(5e8)})",
  "local s = ('('):rep(1e5) return loadstring('return ' .. s)() ",
  "return unpack({}, 1, 1e9)",
])("a bomb ends in an error: %s", (script) => {
  expect(run(script)).toMatchObject({ message: expect.stringMatching(/^ERR /) });
});

test("source that is nested too deeply is refused", () => {
  for (const [open, close] of [
    ["(", ")"],
    ["{", "}"],
    ["- ", ""],
    ["not ", ""],
    ["do ", " end"],
    ["f(", ")"],
  ] as const) {
    const depth = 100_000;
    const source =
      open === "do " ? `${open.repeat(depth)}${close.repeat(depth)}` : `return ${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(run(source)).toMatchObject({ message: expect.stringMatching(/^ERR Error compiling script/) });
  }
});

test("a reply nested as deeply as allowed is one, and more is an error within it", () => {
  const deep = (depth: number): string => JSON.stringify(run(`local t={} for i=1,${depth} do t={t} end return t`));
  expect(deep(990)).not.toContain("ERR");
  expect(deep(1100)).toContain("ERR reached lua stack limit");
});

test("time stands still while a script runs, for TIME and for what expires", () => {
  const clock = new StillClock();
  // Ten milliseconds pass from one look at the clock to the next.
  let readings = 0;
  const session = newSession({ clock: { now: () => clock.now() + readings++ * 10, after: clock.after.bind(clock) } });
  session.execute(["SET", "a", "1", "PX", "50"]);
  const script =
    "local r = {} for i=1,100 do r[#r+1] = redis.call('TIME')[2] redis.call('get','b') end return {r[1]==r[100], redis.call('get','a')}";
  expect(session.execute(["EVAL", script, "0"])).toEqual([1, "1"]);
  const [first, second] = [session.execute(["TIME"]), session.execute(["TIME"])];
  expect(first).not.toEqual(second);
});

test("a new engine runs what was compiled before, and shares nothing else", () => {
  const script = "KEYS.n = (KEYS.n or 0) + 1 return {KEYS.n, math.random(1000)}";
  const first = newSession();
  const second = newSession();
  const reply = first.execute(["EVAL", script, "0"]);
  expect(second.execute(["EVAL", script, "0"])).toEqual(reply);
  expect(second.execute(["EVALSHA", "f".repeat(40), "0"])).toMatchObject({
    message: "NOSCRIPT No matching script. Please use EVAL.",
  });
});

test("the append-only file gets what a script has done, command by command, and functions as they were loaded", () => {
  const session = newSession();
  const kept: (readonly string[])[] = [];
  const log: CommandLog = {
    append: (_database, _now, commands) => {
      kept.push(...commands);
      return undefined;
    },
  };
  session.engine.log = log;
  session.execute([
    "EVAL",
    "redis.call('get','a') redis.call('set','a',0.5) redis.call('incr','n') return redis.pcall('incr','a')",
    "0",
  ]);
  session.execute(["SCRIPT", "LOAD", "return 1"]);
  const code = "#!lua name=l\nredis.register_function('f',function(keys) return redis.call('del',keys[1]) end)";
  session.execute(["FUNCTION", "LOAD", code]);
  session.execute(["FCALL", "f", "1", "a"]);
  session.execute(["FUNCTION", "DELETE", "l"]);
  expect(kept).toEqual([
    ["set", "a", "0.5"],
    ["incr", "n"],
    ["FUNCTION", "LOAD", code],
    ["del", "a"],
    ["FUNCTION", "DELETE", "l"],
  ]);
});
