import { afterAll, beforeAll, expect, test } from "vitest";
import { newSession, Pair, type Step } from "./fixtures/index.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

const load = (body: string, head = "#!lua name=lib"): Step => ["FUNCTION", "LOAD", "REPLACE", `${head}\n${body}`];
const registered = (fields: string): Step => load(`redis.register_function{${fields}}`);
const defined = (body: string, ...args: string[]): Step[] => [
  load(`redis.register_function('f',function(keys,args) ${body} end)`),
  ["FCALL", "f", ...(args.length > 0 ? args : ["0"])],
];

test("the first line of a library is read as Redis reads it", async () => {
  await pair.reset();
  const heads = [
    "x",
    "#!lua name=a",
    "#!lua\n",
    "#!\n",
    "#! lua name=x\n",
    "#!js name=a\n",
    "#!lua name=a name=b\n",
    "#!lua NAME=a foo=b\n",
    "#!lua foo=b NAME=a\n",
    "#!lua name=a-b\n",
    "#!lua name=\n",
    '#!lua name="a b"\n',
    '#!lua name="a\nreturn 1',
    "#!lua name=a\n",
    "#!lua name=a\nlocal x =",
    "#!lua name=a\n\nlocal x = y",
    "#!LUA name=a\nredis.register_function('f',function() end)",
    "#!lua name='q'\nredis.register_function('q',function() end)",
    "#!lua name=a\nlocal x =",
    "#!lua name=aä\n",
  ];
  await pair.agree(heads.map((head) => ["FUNCTION", "LOAD", head]));
  await pair.agree([["FUNCTION", "LIST", "LIBRARYNAME", "a", "WITHCODE"]]);
});

test("redis.register_function takes what Redis takes", async () => {
  await pair.reset();
  const fn = "callback=function() end";
  const calls = [
    "()",
    "('a')",
    "('a',1)",
    "(1,function() end)",
    "(1.5,function() end)",
    "('a-b',function() end)",
    "('',function() end)",
    "({},function() end)",
    "('a',function() end,1)",
    "('a',function() end,1,2)",
    "(nil,nil)",
    "{}",
    "{function_name='a'}",
    `{${fn}}`,
    `{function_name=1,${fn}}`,
    "{function_name='a',callback=1}",
    `{function_name='a',${fn},foo=1}`,
    `{function_name='a',${fn},[1]=1}`,
    `{function_name='a',${fn},[true]=1}`,
    `{function_name='a',${fn},flags=1}`,
    `{function_name='a',${fn},flags={'x'}}`,
    `{function_name='a',${fn},flags={1}}`,
    `{function_name='a',${fn},flags={}}`,
    `{function_name='a',${fn},flags={'NO-WRITES','allow-oom'}}`,
    `{function_name='a',${fn},flags={'no-writes',nil,'x'}}`,
    `{function_name='a',${fn},description=1}`,
    `{function_name='a',${fn},description={}}`,
    `{function_name={},${fn}}`,
    `{FUNCTION_NAME='b',${fn}}`,
    `{function_name='x\\0y',${fn}}`,
  ];
  for (const call of calls) await pair.agree([load(`redis.register_function${call}`), ["FUNCTION", "LIST"]]);
  await pair.agree([
    registered(
      `function_name='a',${fn},description='d',flags={'no-writes','allow-oom','allow-stale','no-cluster','allow-cross-slot-keys'}`,
    ),
    ["FUNCTION", "LIST", "WITHCODE"],
    load("redis.register_function('a',function() end) redis.register_function('a',function() end)"),
    load("return redis.register_function('x',function() end)"),
  ]);
});

test("while a library loads it has little more than register_function", async () => {
  await pair.reset();
  const bodies = [
    "redis.call('get','a')",
    "redis.pcall('get','a')",
    "redis.error_reply('x')",
    "redis.sha1hex('x')",
    "redis.setresp(3)",
    "x=1",
    "local y=x",
    "y=KEYS",
    "string.x=1",
    "local g=_G",
    "error('x')",
    "pairs({})",
    "redis.foo=1",
    "redis.register_function=1",
    "return ...",
    "redis.log()",
    "redis.log(3,'x')",
    "redis.register_function('f',function() return 1 end) redis.log(redis.LOG_NOTICE,'x')",
    "local function g() redis.register_function('f',function() return 5 end) end g()",
    "end",
    "local s = ('x'):upper()",
    "redis.register_function(redis.REDIS_VERSION_NUM, function() end)",
    "local t = nil + 1",
  ];
  await pair.agree(bodies.flatMap((body) => [load(body), ["FUNCTION", "LIST"]]));
});

test("functions have globals, redis.* and errors of their own", async () => {
  await pair.reset();
  await pair.agree([
    ...defined("local r={} for k,v in pairs(redis) do r[#r+1]=k end table.sort(r) return table.concat(r,' ')"),
    ...defined("local r={} for k,v in pairs(_G) do r[#r+1]=k end table.sort(r) return table.concat(r,' ')"),
    ...defined("return {#keys,#args,keys[1] or '',args[1] or ''}", "1", "k", "v"),
    ...defined("return KEYS"),
    ...defined("return ARGV"),
    ...defined("x=1"),
    ...defined("return x"),
    ...defined("_G.x=1"),
    ...defined("rawset(_G,'x',1)"),
    ...defined("return type(rawget(_G,'string'))"),
    ...defined("string.x=1"),
    ...defined("redis.x=1"),
    ...defined("keys[1]='z' return keys", "1", "k"),
    ...defined("return redis.register_function('g',function() end)"),
    ...defined("return redis.call('set',keys[1],args[1])", "1", "k", "v"),
    ...defined("return redis.call('get',keys[1])", "1", "k"),
    ...defined("return redis.call('nope')"),
    ...defined("return redis.pcall('nope')"),
    ...defined("error('x')"),
    ...defined("\n\nerror('x')"),
    ...defined("error({err='A b'})"),
    ...defined("return redis.error_reply('A b')"),
    ...defined("return {pcall(redis.call,'nope')}"),
    ...defined("return math.floor(3.7)"),
    ...defined("redis.setresp(3) return redis.call('hgetall','none')"),
    ...defined("local t={} for k,v in pairs(getmetatable(_G)) do t[#t+1]=k..type(v) end return t"),
    ...defined("return redis.call('fcall','f',0)"),
    ...defined("return {map={a=1.5}}"),
    load("local n=0 redis.register_function('f',function() n=n+1 return n end)"),
    ["FCALL", "f", "0"],
    ["FCALL", "f", "0"],
    "return n",
    load("local r = redis redis.register_function('f',function() return tostring(r.call) end)"),
    ["FCALL", "f", "0"],
    load("local r = redis.register_function redis.register_function('f',function() r('z',function() end) end)"),
    ["FCALL", "f", "0"],
    load("redis.register_function('f',function(...) return select('#',...) end)"),
    ["FCALL", "f", "1", "a", "b"],
    load("redis.register_function('Err',function() return redis.call('nope') end)"),
    ["FCALL", "eRR", "0"],
  ]);
});

test("FCALL and FCALL_RO check what Redis checks", async () => {
  await pair.reset();
  await pair.agree([
    load(
      "redis.register_function('f',function() return 1 end) redis.register_function{function_name='r',callback=function() return redis.call('get','a') end,flags={'no-writes'}} redis.register_function{function_name='w',callback=function() return redis.call('set','a','1') end,flags={'no-writes'}}",
    ),
    ...["FCALL", "FCALL_RO"].flatMap((name): Step[] => [
      [name, "f", "0"],
      [name, "F", "0"],
      [name, "nope", "0"],
      [name, "nope", "x"],
      [name, "f", "x"],
      [name, "f", "1"],
      [name, "f", "-1"],
      [name, "f"],
      [name, "r", "0"],
      [name, "w", "0"],
    ]),
  ]);
});

test("libraries are listed, replaced, deleted and flushed as in Redis", async () => {
  for (const resp of [2, 3] as const) {
    await pair.reset(resp);
    await pair.agree([
      ["FUNCTION", "STATS"],
      ["FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('a',function() end)"],
      ["FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('a',function() end)"],
      ["FUNCTION", "LOAD", "#!lua name=lib2\nredis.register_function('a',function() end)"],
      ["FUNCTION", "LOAD", "#!lua name=lib2\nredis.register_function('A',function() end)"],
      ["FUNCTION", "LOAD", "replace", "#!lua name=lib2\nredis.register_function('a',function() end)"],
      ["FUNCTION", "LOAD", "nope", "#!lua name=lib2\nredis.register_function('b',function() end)"],
      [
        "FUNCTION",
        "LOAD",
        "REPLACE",
        "REPLACE",
        "#!lua name=lib\nredis.register_function{function_name='c',callback=function() end,description='d',flags={'no-writes'}}",
      ],
      ["FCALL", "a", "0"],
      ["FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nerror("],
      ["FCALL", "c", "0"],
      ["FUNCTION", "LOAD"],
      ["FUNCTION", "LOAD", "REPLACE"],
      ["FUNCTION", "LIST"],
      ["FUNCTION", "LIST", "WITHCODE"],
      ["FUNCTION", "LIST", "LIBRARYNAME", "lib"],
      ["FUNCTION", "LIST", "LIBRARYNAME", "L[i]*"],
      ["FUNCTION", "LIST", "LIBRARYNAME"],
      ["FUNCTION", "LIST", "LIBRARYNAME", "a", "LIBRARYNAME", "b"],
      ["FUNCTION", "LIST", "WITHCODE", "WITHCODE"],
      ["FUNCTION", "LIST", "x"],
      ["function", "list", "withcode", "libraryname"],
      ["FUNCTION", "LIST", "libraryname", "zz", "withcode"],
      ["FUNCTION", "STATS"],
      ["FUNCTION", "STATS", "x"],
      ["FUNCTION", "DELETE", "zz"],
      ["FUNCTION", "DELETE", "LIB"],
      ["FUNCTION", "DELETE"],
      ["FUNCTION", "DELETE", "lib", "x"],
      ["FUNCTION", "DELETE", "lib"],
      ["FUNCTION", "LIST"],
      ["FUNCTION", "KILL"],
      ["FUNCTION", "KILL", "x"],
      ["FUNCTION", "HELP"],
      ["FUNCTION", "HELP", "x"],
      ["FUNCTION"],
      ["FUNCTION", "FLUSH", "x"],
      ["FUNCTION", "FLUSH", "ASYNC", "x"],
      ["FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('a',function() end)"],
      ["FUNCTION", "FLUSH", "SYNC"],
      ["FUNCTION", "FLUSH", "async"],
      ["FUNCTION", "LIST"],
    ]);
  }
});

const short = "#!lua name=dd\nredis.register_function('f1',function() return 1 end)";
const long = `#!lua name=big\n--${"a".repeat(300)}${"bc".repeat(40_000)}\nredis.register_function('f2',function() return 2 end)`;

test("a dump of Redis is restored here, compressed as it is", async () => {
  for (const code of [short, long]) {
    await pair.reset();
    await pair.agree([["FUNCTION", "LOAD", code]]);
    const dump = (await pair.real(["FUNCTION", "DUMP"])) as string;
    const session = newSession();
    expect(session.execute(["FUNCTION", "RESTORE", dump])).toMatchObject({ text: "OK" });
    expect(session.execute(["FUNCTION", "LIST", "WITHCODE"])).toEqual(pair.session.execute(["FUNCTION", "LIST", "WITHCODE"]));
    expect(session.execute(["FUNCTION", "RESTORE", `${dump.slice(0, -1)}x`])).toMatchObject({
      message: expect.stringContaining("checksum"),
    });
  }
});

test("a dump of ours is restored by Redis, and by every policy alike", async () => {
  await pair.reset();
  await pair.agree([
    ["FUNCTION", "LOAD", short],
    ["FUNCTION", "LOAD", long],
  ]);
  const dump = pair.session.execute(["FUNCTION", "DUMP"]) as string;
  await pair.agree([
    ["FUNCTION", "RESTORE", dump, "REPLACE"],
    ["FUNCTION", "DELETE", "big"],
    ["FUNCTION", "RESTORE", dump],
    ["FUNCTION", "FLUSH"],
    ["FUNCTION", "LOAD", "#!lua name=other\nredis.register_function('f1',function() return 7 end)"],
    ["FUNCTION", "RESTORE", dump, "append"],
    ["FUNCTION", "RESTORE", dump, "replace"],
    ["FCALL", "f1", "0"],
    ["FUNCTION", "RESTORE", dump, "FLUSH"],
    ["FCALL", "f1", "0"],
    ["FCALL", "f2", "0"],
    ["FUNCTION", "RESTORE", "x"],
    ["FUNCTION", "RESTORE"],
    ["FUNCTION", "RESTORE", "x", "y", "z"],
    ["FUNCTION", "RESTORE", "x", "BAD"],
    ["FUNCTION", "RESTORE", "", "FLUSH"],
    ["FUNCTION", "FLUSH"],
    ["FUNCTION", "DUMP"],
    ["FUNCTION", "LOAD", short],
    ["FUNCTION", "DUMP"],
  ]);
});

test("a library that does not end to load is given up", () => {
  const session = newSession();
  expect(session.execute(["FUNCTION", "LOAD", "#!lua name=a\nwhile true do end"])).toMatchObject({
    message: "ERR Error registering functions: ERR FUNCTION LOAD timeout",
  });
});
