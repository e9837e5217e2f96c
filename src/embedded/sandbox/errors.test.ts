import { afterAll, beforeAll, expect, test } from "vitest";
import { newSession, Pair } from "./fixtures/index.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

const fields = "local k={} for a,b in pairs(r) do k[#k+1]=a..'='..tostring(b)..':'..type(b) end table.sort(k) return k";

test("what a script raises arrives in Redis' words, with its place", async () => {
  await pair.reset();
  await pair.agree([
    "error('x')",
    "error('x',0)",
    "error('x',1)",
    "error('x',2)",
    "\n\nerror('x')",
    "error({err='FOO bar'})",
    "error({err='FOO'})",
    "error({err=1})",
    "error({err=12.5,source='x',line=3})",
    "error({err='-X y'})",
    "error({err='X\\r\\ny'})",
    "error({err='a\\0b'})",
    "error({err='A b',source='hey',line=7})",
    "error(nil)",
    "error()",
    "error(true)",
    "error(12)",
    "error('a\\nb')",
    "error('a\\r\\nb')",
    "error('a\\0b')",
    "error(redis.error_reply('MY thing'))",
    "error(redis.error_reply('MY'))",
    "error(redis.error_reply('-MY thing'))",
    "\nlocal f=function()\nerror('q')\nend\nf()",
    "local function f() return error('q') end\nreturn f()",
    "local t = nil\nreturn t.x",
    "return nothing",
    "assert(false)",
    "assert(nil,'msg')",
    "assert(redis.pcall('nope').err==nil,'m')",
    "table.sort({3,2,1},function(a,b) error('cmp') end)",
    "string.gsub('x','x',function() redis.call('nope') end)",
    "local t=setmetatable({},{__index=function(t,k) error('idx') end}) return t.x",
    "local t=setmetatable({},{__index=redis.call}) return t.x",
    "local co=coroutine.wrap(function() redis.call('nope') end) co()",
    "local co=coroutine.create(function() return redis.call('nope') end) return {coroutine.resume(co)}",
    "local f=loadstring('return redis.call(\"nope\")') return f()",
    "local f=loadstring('\\n\\nreturn redis.call(\"nope\")','=abc') f()",
    "local e=redis.pcall('nope') e.err='A b' return e",
    "local e=redis.pcall('nope') e.x=1 error(e)",
    "return ('x'):bad()",
    "return redis.call('get')",
  ]);
});

test("what redis.call raises is a table for xpcall, its text for pcall, and a reply for the client", async () => {
  await pair.reset();
  await pair.agree([
    ["SET", "str", "x"],
    "return redis.call('hget','str','a')",
    "\n\nreturn redis.call('hget','str','a')",
    "return redis.pcall('hget','str','a')",
    "return redis.pcall('hget','str','a').err",
    `local r=redis.pcall('hget','str','a') ${fields}`,
    `local r=redis.pcall('nope') ${fields}`,
    `local r=redis.pcall() ${fields}`,
    `local r=redis.pcall('get',{}) ${fields}`,
    "return {pcall(redis.call,'hget','str','a')}",
    "return {pcall(redis.call,'nope')}",
    "return {pcall(error,setmetatable({},{__index=function(t,k) return k..'!' end}))}",
    "return {pcall(pcall,error,setmetatable({},{__index=function(t,k) error('no '..k) end}))}",
    "return {pcall(error,setmetatable({},{__index=0}))}",
    "return {pcall(pcall,error,setmetatable({},{__index=0}))}",
    "return {pcall(redis.call)}",
    "return {pcall(redis.pcall,'nope')}",
    "return {pcall(function() return redis.call('nope') end)}",
    "local ok,e=pcall(redis.call,'nope') return type(e)",
    "return {xpcall(function() redis.call() end, function(e) return e end)}",
    "return {xpcall(function() error({err='x'}) end, function(e) return type(e) end)}",
    `local ok,r=xpcall(function() redis.call('nope') end, function(e) return e end) ${fields}`,
    `local ok,r=xpcall(function() redis.call('hget','str','a') end, function(e) return e end) ${fields}`,
    "return {select('#',pcall(error,{})),select('#',pcall(error,{err=1})),select('#',pcall(error,{err='x'})),select('#',pcall(error))}",
    "return {pcall(error,{err='x',a=1})}",
    "return {pcall(error,{err=1,a=1})}",
    "return {pcall(error)}",
    "return {pcall()}",
    "return {pcall(1)}",
    "return {pcall(nil)}",
    "return {pcall(pcall,error,{err='in'})}",
    "return redis.call()",
    "return redis.pcall()",
    "return redis.call({})",
    "return redis.call('get',nil)",
    "return redis.call('get',true)",
    "return redis.call('get','a',nil)",
    "return redis.call(1)",
    "return redis.call('')",
    "return redis.call('nope\\0x')",
    "return redis.call('get\\0','a')",
    "return redis.call('GeT','str')",
    "return redis.call('set','a','b','bad')",
    "return redis.call('lpush','str','b')",
    "return redis.call('incr','str')",
    "return redis.call('incrby','n',3.5)",
    "return redis.call('select','99')",
    "return redis.call('select','x')",
    "return redis.call('object','nope')",
    "return redis.call('object')",
    "return redis.call('OBJECT','encoding')",
    "return redis.call('OBJECT','ENCODING','str')",
  ]);
});

const forbidden = `multi exec discard unwatch;watch,a subscribe,a psubscribe,a eval,return+1,0 evalsha,x,0 eval_ro,x,0 fcall,x,0 fcall_ro,x,0
function,list script,exists,x script,load,x config,get,x config config,nope client,id client client,getname client,setname,x hello,3 auth,x reset quit
blpop,none,0 brpop,none,0 brpoplpush,a,b,0 blmove,a,b,left,left,0 bzpopmin,none,0 bzpopmax,none,0 xread,block,0,streams,st,$ xread,BLOCK,x,streams,st,$
wait,0,0 nope,a object,nope`;

test("what scripts may not call is refused in Redis' words", async () => {
  await pair.reset();
  const calls = forbidden.split(/[\s;]+/).map((call) =>
    call
      .split(",")
      .map((word) => `'${word.replaceAll("+", " ")}'`)
      .join(","),
  );
  await pair.agree(calls.map((call) => `return redis.call(${call})`));
  await pair.agree(calls.map((call) => `return redis.pcall(${call})`));
});

test("a command that Redis has and the embedded engine has not is named as such", () => {
  expect(newSession().execute(["EVAL", "return redis.call('migrate')", "0"])).toMatchObject({
    message: expect.stringContaining(
      "Unknown Redis command called from script (Redis has MIGRATE, the embedded engine of redlua has not",
    ),
  });
});

test("a read-only script may not write, nor publish", async () => {
  await pair.reset();
  await pair.agree([
    ["SET", "a", "1"],
    ["EVAL_RO", "return redis.call('set','a','b')", "0"],
    ["EVAL_RO", "return redis.pcall('set','a','b')", "0"],
    ["EVAL_RO", "return redis.call('publish','a','b')", "0"],
    ["EVAL_RO", "return redis.call('pfcount','a')", "0"],
    ["EVAL_RO", "return redis.call('get','a')", "0"],
    ["EVAL_RO", "return redis.call('del')", "0"],
    ["EVAL_RO", "#!lua\nreturn redis.call('get','a')", "0"],
    ["EVAL_RO", "#!lua flags=no-writes\nreturn redis.call('get','a')", "0"],
    ["EVAL", "#!lua flags=no-writes\nreturn redis.call('set','a','b')", "0"],
    ["EVAL", "#!lua flags=no-writes\nreturn redis.call('nope','a','b')", "0"],
    ["EVAL", "#!lua\nreturn redis.call('set','a','b')", "0"],
    ["EVAL_RO", "return redis.call('get','a')", "0"],
    ["EVAL", "redis.call('set','a','c') return redis.call('get','a')", "0"],
  ]);
});

test("an error keeps what was written before it", async () => {
  await pair.reset();
  await pair.agree([
    "redis.call('set','a','1') redis.call('nope')",
    ["GET", "a"],
    ["MULTI"],
    "redis.call('incr','a') error('x')",
    ["EXEC"],
    ["GET", "a"],
  ]);
});

test("an error table without a text, on which Redis crashes, is an error", () => {
  const session = newSession();
  for (const value of ["{}", "{err={}}", "setmetatable({},{__tostring=function() return 'q' end})"]) {
    expect(session.execute(["EVAL", `error(${value})`, "0"])).toMatchObject({
      message: expect.stringMatching(/^ERR unknown error script: \w+, on @user_script:1\.$/),
    });
  }
});
