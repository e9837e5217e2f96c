import { afterAll, beforeAll, expect, test } from "vitest";
import { newSession, Pair } from "./fixtures/index.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

test("redis has the fields that Redis gives it, and so have the globals", async () => {
  await pair.reset();
  await pair.agree([
    "local t={} for k,v in pairs(redis) do t[#t+1]=k..'='..type(v)..(type(v)~='function' and tostring(v) or '') end table.sort(t) return t",
    "local t={} for k,v in pairs(_G) do t[#t+1]=k..'='..type(v) end table.sort(t) return t",
    "return {redis.REDIS_VERSION,redis.REDIS_VERSION_NUM,redis.LOG_DEBUG,redis.LOG_VERBOSE,redis.LOG_NOTICE,redis.LOG_WARNING}",
    "return {redis.REPL_ALL,redis.REPL_AOF,redis.REPL_NONE,redis.REPL_REPLICA,redis.REPL_SLAVE}",
    "return redis.foo",
    "return redis[1]",
  ]);
});

test.each(["string", "table", "math", "bit", "struct", "cjson", "cmsgpack", "coroutine"])(
  "%s has the fields that Redis gives it",
  async (name) => {
    await pair.reset();
    await pair.agree([`local t={} for k,v in pairs(${name}) do t[#t+1]=k..'='..type(v) end table.sort(t) return t`]);
  },
);

test("redis.error_reply and redis.status_reply make the tables that Redis makes", async () => {
  await pair.reset();
  const texts = [
    "MY thing",
    "MY",
    "-MY",
    "-MY foo\\r\\n",
    "",
    "-",
    " ",
    "- a",
    "--a b",
    "a\\r\\nb c",
    "a\\0b c",
    "MY a b\\r\\n\\r\\n",
    "MY a\\r\\n b",
  ];
  await pair.agree(texts.flatMap((text) => [`return redis.error_reply('${text}')`, `return redis.error_reply('${text}').err`]));
  await pair.agree(texts.flatMap((text) => [`return redis.status_reply('${text}')`, `return redis.status_reply('${text}').ok`]));
  for (const name of ["error_reply", "status_reply"]) {
    await pair.agree(
      ["1", "", "'a','b'", "{}", "nil", "true"].flatMap((args) => [
        `return redis.${name}(${args})`,
        `return redis.${name}(${args}).err`,
      ]),
    );
  }
  await pair.agree(["local t={} for k,v in pairs(redis.status_reply('x')) do t[#t+1]=k..'='..v end return t"]);
});

test("redis.sha1hex, log, setresp, set_repl and the rest take what Redis takes", async () => {
  await pair.reset();
  const calls: Readonly<Record<string, readonly string[]>> = {
    sha1hex: ["", "'a','b'", "1", "{}", "nil", "''", "true", "1.5", "'a\\0b'", "'\\255'"],
    log: [
      "",
      "1",
      "'a','b'",
      "9,'x'",
      "-1,'x'",
      "3,'x',{},'y'",
      "'3','x'",
      "3.7,'x'",
      "3,'msg'",
      "3,nil",
      "4,'x'",
      "{},'x'",
      "-0.5,'x'",
    ],
    setresp: ["", "1", "4", "'3'", "3,3", "{}", "3.9", "2", "nil", "'x'"],
    set_repl: ["", "3", "4", "'x'", "1,2", "-1", "0", "2", "nil"],
    replicate_commands: ["", "1"],
    breakpoint: ["", "1"],
    debug: ["", "'x'", "{}"],
    acl_check_cmd: [
      "",
      "'nope'",
      "'get','x'",
      "'get'",
      "{}",
      "'set','x',1",
      "'config','get'",
      "'config'",
      "'config','nope'",
      "'eval'",
      "1",
      "'GET','x'",
    ],
  };
  for (const [name, args] of Object.entries(calls)) {
    await pair.agree(
      args.flatMap((each) => [
        `return redis.${name}(${each})`,
        `return select('#',redis.${name}(${each}))`,
        `return {pcall(redis.${name}${each === "" ? "" : ","}${each})}`,
      ]),
    );
  }
  await pair.agree(["return tostring(redis.acl_check_cmd('get','x'))", "return type(redis.replicate_commands())"]);
});

test("redis.log is heard by whoever listens, with its level and its words", () => {
  const session = newSession();
  const heard: string[] = [];
  session.engine.onScriptLog = (level, message) => heard.push(`${level}: ${message}`);
  session.execute(["EVAL", "redis.log(redis.LOG_WARNING,'a',1.5,{},'b') redis.log(0,'quiet')", "0"]);
  expect(heard).toEqual(["warning: a 1.5 b", "debug: quiet"]);
});

test("globals can be neither written nor misspelt", async () => {
  await pair.reset();
  await pair.agree([
    "x=1",
    "function f() end",
    "local function f() y=1 end f()",
    "return x",
    "return _G.x",
    "return _G['x']",
    "_G.x=1",
    "rawset(_G,'x',1)",
    "rawset(redis,'x',1)",
    "return rawget(_G,'nope')",
    "KEYS=1",
    "ARGV={}",
    "KEYS[1]='x' return {KEYS[1],#KEYS}",
    "for i=1,3 do KEYS[i]=i end return KEYS",
    "table.insert(ARGV,'z') return ARGV",
    "redis.call=1",
    "string.len=1",
    "string.foo=1",
    "getmetatable('').__index=1",
    "getmetatable('').foo=1",
    "return getmetatable('').foo",
    "getmetatable(_G).__index=nil",
    "setmetatable(_G,nil)",
    "setmetatable(_G,{})",
    "setmetatable(redis,{})",
    "table.insert(string,1)",
    "table.insert(redis,1)",
    "table.sort(redis)",
    "string=nil",
    "_G=nil",
    "cjson.x=1",
    "cjson.null=1",
    "math.pi=3",
    "for k in pairs(redis) do redis[k]=nil end",
    "return setfenv",
    "return getfenv",
    "return print",
    "return os",
    "return arg",
    "return debug",
    "return _G[nil]",
    "return _G[1]",
    "return _G[1.5]",
    "return _G[{}]",
    "return _G[true]",
    "return string.foo",
    "local t=setmetatable({},{__newindex=_G}) t.x=1",
    "local t=setmetatable({},{__index=_G}) return t.x",
    "local t=setmetatable({},{__index=_G}) return type(t.string)",
    "local m=getmetatable(_G) local s={} for k,v in pairs(m) do s[#s+1]=k..type(v) end table.sort(s) return s",
    "return {tostring(getmetatable(redis)),tostring(getmetatable(string)),#_G,tostring(_G==_G._G)}",
    "return __redis__err__handler({err='x'})",
    "return {pcall(function() x=1 end)}",
    "return {pcall(function() return x end)}",
    "return {pcall(rawset,_G,'x',1)}",
    "return ...",
    "return select('#',...)",
  ]);
});

test("a script cannot leave anything behind for the next one", async () => {
  await pair.reset();
  await pair.agree([
    "KEYS.x=1 ARGV.y=2 return 1",
    "return {tostring(KEYS.x),tostring(ARGV.y)}",
    "redis.setresp(3) return 1",
    "return redis.call('get','none')",
    "redis.call('select','5') return redis.call('set','k','5')",
    ["GET", "k"],
    "return redis.call('get','k')",
    ["SELECT", "5"],
    "return redis.call('get','k')",
    ["SELECT", "0"],
  ]);
});

test("random numbers are those of a Redis that has just been started, and go on from script to script", async () => {
  const fresh = await Pair.start();
  try {
    await fresh.agree([
      "return {tostring(math.random()),math.random(100),math.random(5,10)}",
      "return {tostring(math.random()),math.random(100)}",
      ["FUNCTION", "LOAD", "#!lua name=x\nredis.register_function('f',function() return tostring(math.random()) end)"],
      ["FCALL", "f", "0"],
      "math.randomseed(7) return math.random(1000)",
      ["FCALL", "f", "0"],
    ]);
  } finally {
    await fresh.stop();
  }
});
