import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../command/all.ts";
import { createEmbedded, type EmbeddedRedis } from "../embedded.ts";
import { RawClient, StillClock } from "../fixtures/index.ts";
import { Engine } from "../session/index.ts";
import type { Reply } from "../value/index.ts";

const scriptSteps = 30_000;
const nested = (open: string, close: string, depth: number): string => `${open.repeat(depth)}${close.repeat(depth)}`;

/** What never ends, or would take all there is. Each ends in an error. */
const bombs: readonly (readonly [what: string, script: string])[] = [
  ["a loop", "while true do end"],
  ["a loop of the other sort", "repeat local a = 1 until false"],
  ["a loop that counts", "for i = 1, math.huge do end"],
  ["a loop whose step is nothing", "for i = 2, 1, 0 do end"],
  ["a loop that never gets ahead", "for i = 2 ^ 60, 2 ^ 60 + 10 do end"],
  ["a generic loop", "for _ in function() return 1 end do end"],
  ["pairs of a table that grows", "local t = {1} for k in pairs(t) do t[#t + 1] = 1 t[k .. 'x'] = 1 end while true do end"],
  ["recursion", "local function f() return 1 + f() end return f()"],
  ["recursion that returns its call", "local function f() return f() end return f()"],
  ["recursion in turns", "local a, b a = function() return b() end b = function() return a() end return a()"],
  [
    "recursion by a metamethod",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
  ],
  ["recursion by __call", "local t = setmetatable({}, {}) getmetatable(t).__call = function(self) return self() end return t()"],
  ["recursion by __concat", "local t = {} setmetatable(t, {__concat = function(a, b) return a .. b end}) return t .. t"],
  [
    "recursion by __eq",
    "local m = {} m.__eq = function(a, b) return a == b end local a, b = setmetatable({}, m), setmetatable({}, m) return a == b",
  ],
  [
    "recursion by __tostring",
    "local t = {} setmetatable(t, {__tostring = function(s) return tostring(s) end}) return tostring(t)",
  ],
  ["recursion through pcall", "local function f() pcall(f) f() end f()"],
  ["a chain of __index that ends in itself", "local t = {} setmetatable(t, {__index = t}) return t.x"],
  ["a ring of __index", "local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) return a.x"],
  ["a ring of __newindex", "local a, b = {}, {} setmetatable(a, {__newindex = b}) setmetatable(b, {__newindex = a}) a.x = 1"],
  ["a long chain of __index", "local t = {} for i = 1, 1e4 do t = setmetatable({}, {__index = t}) end return t.x"],
  ["a metatable that is its own", "local t = {} t.__index = t setmetatable(t, t) return t.x"],
  ["repetition", "return #string.rep('x', 1e10)"],
  ["repetition of a repetition", "return #(('x'):rep(1e8):rep(1e8))"],
  ["a text that doubles", "local s = 'x' while true do s = s .. s end"],
  ["a text that doubles, in vain", "local s = 'x' while true do pcall(function() s = s .. s end) end"],
  ["a table that grows", "local t = {} while true do t[#t + 1] = #t end"],
  ["a table that grows in all directions", "local i, t = 0, {} while true do i = i + 1 t[i * 1e6] = i t['k' .. i] = {} end"],
  ["tables that grow inward", "local t = {} while true do t = {t} end"],
  ["a wide format", "return string.format('%99999d', 1)"],
  ["a precise format", "return string.format('%.99999f', 1)"],
  ["a pattern of options", "return (('a'):rep(100)):find(('a?'):rep(100) .. ('a'):rep(101))"],
  ["a pattern of shortest repetitions", "return (('a'):rep(3000)):find('.-.-.-.-x')"],
  ["a pattern of longest repetitions", "return (('a'):rep(3000)):find('.*.*.*.*x')"],
  ["a pattern of captures", "return (('a'):rep(3000)):match('(.-)(.-)(.-)(.-)x')"],
  ["a pattern that balances", "return (('('):rep(1e5)):find('%b()%b()x')"],
  ["a pattern that substitutes all over", "return (('a'):rep(1e5)):gsub('.-', ('b'):rep(1e5))"],
  ["a pattern that is found everywhere", "for _ in (('a'):rep(1e5)):gmatch('.*b') do end"],
  ["a pattern with too many captures", "return ('a'):rep(100):find(('(a)'):rep(50))"],
  ["a pattern that is deep", "return ('a'):rep(1e5):match(('(a'):rep(1e5))"],
  [
    "a comparator that lies",
    "local t = {} for i = 1, 2e4 do t[i] = i % 7 end table.sort(t, function() return true end) while true do end",
  ],
  ["a comparator that fails", "table.sort({3, 1, 2}, function() error('no') end)"],
  ["a comparator that sorts", "local t = {3, 1, 2} local function by(a, b) table.sort(t, by) return a < b end table.sort(t, by)"],
  ["a comparator that never ends", "table.sort({3, 1, 2}, function() while true do end end)"],
  ["JSON of a nested table", "local t = {} for i = 1, 5000 do t = {t} end return cjson.encode(t)"],
  ["JSON of a table that holds itself", "local t = {} t[1] = t return cjson.encode(t)"],
  [
    "JSON of a table as sparse as can be",
    "cjson.encode_sparse_array(false, 0) local t = {} t[2 ^ 30] = 1 return cjson.encode(t)",
  ],
  ["JSON nested", "return cjson.decode(('['):rep(1e5) .. (']'):rep(1e5))"],
  ["JSON nested as an object", "return cjson.decode(('{\"a\":'):rep(1e5))"],
  ["JSON nested, with the limit off", "cjson.decode_max_depth(2 ^ 30) return cjson.decode(('['):rep(1e6))"],
  ["MessagePack nested", "return #cmsgpack.unpack(('\\145'):rep(1e6))"],
  ["MessagePack that announces four billion", "return cmsgpack.unpack('\\221\\255\\255\\255\\255')"],
  ["MessagePack of a text that announces four billion", "return cmsgpack.unpack('\\219\\255\\255\\255\\255')"],
  ["struct of a width without an end", "return struct.pack('i99999999', 1)"],
  ["struct of a text that is padded", "return struct.pack('s' .. 'x1000000000', '')"],
  ["unpack of everything", "return {unpack({}, 1, 1e9)}"],
  ["unpack of everything, in vain", "return pcall(unpack, {}, -2 ^ 31, 2 ^ 31 - 1) and 1 or error('too many')"],
  ["a call with a million arguments", "return math.max(unpack({}, 1, 1e6))"],
  ["a list of everything", "local t = {} for i = 1, 9e3 do t[i] = 'x' end return redis.call('RPUSH', 'l', unpack(t))"],
  ["a list joined to more than there is", "local s = ('x'):rep(2 ^ 28) return #table.concat({s, s, s, s})"],
  ["a coroutine that never ends", "return coroutine.wrap(function() while true do end end)()"],
  [
    "a coroutine that always yields",
    "local f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end",
  ],
  ["coroutines in coroutines", "local function f() return coroutine.wrap(f)() end return f()"],
  [
    "coroutines without number",
    "local t = {} while true do t[#t + 1] = coroutine.create(function() end) coroutine.resume(t[#t]) end",
  ],
  [
    "a coroutine that wakes itself",
    "local co co = coroutine.create(function() return coroutine.resume(co) end) while coroutine.resume(co) do end error('dead')",
  ],
  ["pcall around a loop", "pcall(function() while true do end end)"],
  ["pcall without an end", "while true do pcall(error, 'x') end"],
  ["pcall within pcall", "local function f() return pcall(pcall, f) end while true do f() end"],
  ["xpcall whose handler never ends", "return xpcall(error, function() while true do end end)"],
  ["xpcall whose handler fails", "while true do xpcall(error, function() error('again') end) end"],
  ["an error that is a table that holds itself", "local t = {} t.err = t error(t)"],
  ["commands without an end", "while true do redis.call('INCR', 'n') end"],
  ["commands that fail without an end", "while true do redis.pcall('NOSUCH') end"],
  ["commands that fail within pcall", "while true do pcall(redis.call, 'LPUSH') end"],
  ["hashing without an end", "while true do redis.sha1hex(('x'):rep(1e5)) end"],
  ["loading without an end", "while true do loadstring('return 1') end"],
  ["a program that loads itself", "local s = 'return loadstring(...)(...)' return loadstring(s)(s)"],
  ["a reply that is nested", "local t = {} for i = 1, 2e4 do t = {t} end return t"],
  ["a reply that holds itself", "local t = {} t[1] = t return t"],
  ["a reply that holds itself twice", "local t = {} t[1], t[2] = t, t return t"],
  ["a map that holds itself", "redis.setresp(3) local t = {} t.map = {a = t, b = t} return t"],
  ["source nested in brackets", `return ${nested("(", ")", 50_000)}`],
  ["source nested in tables", `return ${nested("{", "}", 50_000)}`],
  ["source nested in functions", `return ${nested("function() return ", " end", 20_000)}`],
  ["source nested in blocks", nested("do ", "end ", 50_000)],
  ["source nested in conditions", nested("if true then ", "end ", 50_000)],
  ["source nested in calls", `return ${nested("f(", ")", 50_000)}`],
  ["source of minus upon minus", `return ${"- ".repeat(50_000)}1 .. {}`],
  ["source of powers", `return ${"2 ^ ".repeat(50_000)}{}`],
  ["source of texts joined", `return ${"'a' .. ".repeat(50_000)}{}`],
  ["source of sums", `return ${"1 + ".repeat(50_000)}{}`],
  ["source of conditions in a row", `if false then ${"elseif false then ".repeat(20_000)} end error('done')`],
  ["source of calls in a row", `local f = {} return f${"()".repeat(20_000)}`],
  ["source of fields in a row", `local f = {} return f${".a".repeat(20_000)}`],
  ["source of local names", `${"local a ".repeat(50_000)} error('done')`],
  ["a text that has no end", `return "${"x".repeat(100_000)}`],
  ["a comment that has no end", `--[[${"x".repeat(100_000)}`],
];

let redis: EmbeddedRedis;
let wire: RawClient;
let other: RawClient;
beforeAll(async () => {
  redis = createEmbedded({ scriptSteps });
  const { port } = await redis.listen();
  [wire, other] = await Promise.all([RawClient.open(port as number), RawClient.open(port as number)]);
});
afterAll(() => {
  wire.close();
  other.close();
  return redis.stop();
});

const refused = { message: expect.stringMatching(/^[A-Z]+ (?!the embedded engine failed)/) };

/** The first that a nested list holds and is no list: Redis reports what is too deep where it is. */
const innermost = (reply: Reply): Reply => (Array.isArray(reply) && reply.length > 0 ? innermost(reply[0]) : reply);

test.each(bombs)("%s ends in an error, and the next client is answered", async (_, script) => {
  const [[reply, next], [answer]] = await Promise.all([
    wire.send([["EVAL", script, "0"], ["PING"]]),
    other.send([["EVAL", "return 1+1", "0"]]),
  ]);
  expect(innermost(reply as Reply)).toMatchObject(refused);
  expect(next).toMatchObject({ text: "PONG" });
  expect(answer).toBe(2);
});

describe.each(["source", "closures"] as const)("compiled to %s", (luaBackend) => {
  const engine = new Engine({ clock: new StillClock(), commands, scriptSteps, luaBackend });
  const session = engine.connect();

  test.each(bombs)("%s ends in an error; caught or in a transaction as well", (_, script) => {
    const body = `local function main() ${script} end pcall(main) pcall(coroutine.wrap(main))`;
    expect(innermost(session.execute(["EVAL", script, "0"]) as Reply)).toMatchObject(refused);
    // Whatever pcall makes of it: the engine goes on.
    session.execute(["EVAL", body, "0"]);
    for (const command of [["MULTI"], ["EVAL", script, "0"], ["PING"]]) session.execute(command);
    const [first, second] = session.execute(["EXEC"]) as readonly Reply[];
    expect([innermost(first as Reply), second]).toMatchObject([refused, { text: "PONG" }]);
    expect(session.execute(["EVAL", "local t = {} for i = 1, 10 do t[i] = ('x'):rep(i) end return #table.concat(t)", "0"])).toBe(
      55,
    );
    session.execute(["FLUSHALL"]);
  });
});
