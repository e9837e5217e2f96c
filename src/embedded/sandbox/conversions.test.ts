import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSession, Pair, shape } from "./fixtures/index.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

const txt = "verbatim_string={string='x',format='txt'}";

const results: Readonly<Record<string, readonly string[]>> = {
  numbers: [
    ..."0 -0.0 3.99 -3.99 0.5 -0.5 1e15+0.5 1e18 1e19 -1e19 1/0 -1/0 0/0 2^53 -2^53 2^63 -2^63 9007199254740993 9223372036854775807".split(
      " ",
    ),
    "{1e15,1e14+0.4,123456789012}",
  ],
  "texts, truth and nothing": [
    "'a\\0b'",
    "'5'",
    "''",
    "true",
    "false",
    "nil",
    "",
    "1,2",
    "function() end",
    "coroutine.create(function() end)",
  ],
  userdata: ["cjson.null", "{cjson.null,1}"],
  lists: [
    "{}",
    "{1,2,nil,4}",
    "{nil,1}",
    "{1,false,3}",
    "{false,1}",
    "{1,true,3}",
    "{1,{2,{3}},'x'}",
    "{a=1}",
    "{[0]=1,2}",
    "{[1.5]=1,'a'}",
    "{1,function() end,2}",
    "{'5',5,5.9}",
    "{{},{{}}}",
    "{{err=1},{ok=2}}",
    "{1,{err='a b'},{ok='c'},{double=1.5}}",
    "setmetatable({},{__index=function(t,i) if i==1 then return 'm' end end})",
    "setmetatable({},{__index={'m'}})",
    "setmetatable({},{__index={err='m'}})",
    "setmetatable({1},{__call=function() end})",
  ],
  "errors and statuses": [
    "{err='a'}",
    "{err='a b'}",
    "{err=1}",
    "{err={}}",
    "{err='a b',ok='c'}",
    "{err='e',double=1}",
    "{err=''}",
    "{err='-A b'}",
    "{err='a\\0b'}",
    "{err='x y\\r\\n'}",
    "{err='MY a\\r\\nb'}",
    "{ok='fine'}",
    "{ok=1}",
    "{ok='a\\nb'}",
    "{ok='a\\0b'}",
    "{ok='a\\r\\n'}",
    "{ok=''}",
  ],
  doubles: [
    "{double=3.5}",
    "{double=1}",
    "{double='x'}",
    "{double=1/0}",
    "{double=-1/0}",
    "{double=1e100}",
    "{double=0.1}",
    "{double=-0.0}",
  ],
  "big numbers": ["{big_number='123'}", "{big_number='1\\r2'}", "{big_number=1}", "{big_number='abc'}", "{big_number=''}"],
  verbatim: [
    `{${txt}}`,
    "{verbatim_string={string='x',format='toolong'}}",
    "{verbatim_string={string='x',format='t'}}",
    "{verbatim_string={string='x'}}",
    "{verbatim_string={format='txt'}}",
    "{verbatim_string='x'}",
    "{verbatim_string={string=1,format=2}}",
    "{verbatim_string={string='a\\0b',format='tx\\0'}}",
    "{verbatim_string={string='',format=''}}",
  ],
  "maps and sets": [
    "{map={a=1}}",
    "{map={}}",
    "{map={1,2}}",
    "{map=1}",
    "{map={a={1,2}}}",
    "{map={[1.9]=1}}",
    "{map={[true]=false}}",
    "{map={[{double=1}]={set={x=true}}}}",
    "{set={a=true}}",
    "{set={}}",
    "{set={'x','y'}}",
    "{set=1}",
    "{set={a=false}}",
  ],
  "which field wins": [
    `{${txt},set={},map={},double=1,ok='a'}`,
    "{set={a=true},map={b=1}}",
    "{map={a=1},double=2}",
    "{double=2,big_number='1'}",
    "{map={a=1},big_number='1'}",
    "{big_number='7',set={a=1}}",
    `{${txt},1,2}`,
    `{${txt},set={a=true}}`,
    `{${txt},map={a=1}}`,
    `{${txt},double=2}`,
    `{${txt},big_number='1'}`,
    `{${txt},err='e f'}`,
    "{null=1}",
    "{bool=true}",
    "{set={a=1},7,8}",
  ],
};

const protocols = ["", "redis.setresp(3) ", "redis.setresp(3) redis.setresp(2) "];

describe.each([2, 3] as const)("to a client of RESP%i", (resp) => {
  test.each(Object.keys(results))("results arrive as Redis sends them: %s", async (kind) => {
    await pair.reset(resp);
    const values = results[kind] as readonly string[];
    await pair.agree(protocols.flatMap((protocol) => values.map((value) => `${protocol}return ${value}`)));
  });
});

/** Renders a Lua value as text, so that what a script was given can be compared. */
const show = `local show show=function(v) if type(v)~='table' then return type(v)..':'..tostring(v) end local k={}
for a,b in pairs(v) do k[#k+1]=show(a)..'='..show(b) end table.sort(k) return '{'..table.concat(k,',')..'}' end `;

const replies = `
hset,h,f,1,g,2 hgetall,h hgetall,none hget,h,f hget,h,none hmget,h,f,none hkeys,h hstrlen,h,f hexists,h,f
sadd,s,1,2 smembers,s smembers,none sismember,s,1 smismember,s,1,9 spop,none
zadd,z,1.5,a,2,b,inf,c zscore,z,a zscore,z,c zscore,z,none zrange,z,0,-1,withscores zrange,z,0,-1 zincrby,z,1,a zmscore,z,a,none zrank,z,none
zrangebyscore,z,-inf,+inf,withscores zpopmin,none zpopmin,z,1 zpopmax,z zrandmember,none
set,str,x get,str get,none getset,str,y mget,none,str set,str,z,nx set,str,z,get strlen,str append,str,q setrange,str,10,a getrange,str,0,-1
incr,n incrby,n,3 incrbyfloat,fl,0.5 incrbyfloat,fl,1e10 decr,n exists,n type,n ttl,n pttl,none expire,n,100 persist,n del,n
rpush,l,1,2,3 lrange,l,0,-1 lpop,none lpop,none,2 lpop,l lpop,l,2 lpos,none,x lindex,l,9 linsert,none,before,a,b lmove,none,other,left,left
xadd,st,1-1,a,b xlen,st xrange,st,-,+ xread,streams,st,0 xread,streams,none,0 xdel,st,1-1
echo,x ping ping,x dbsize keys,none* type,none object,encoding,h randomkey publish,c,x select,3 set,in3,x select,0 get,in3`;

test.each([2, 3] as const)("replies of commands arrive in scripts that speak RESP%i as Redis gives them", async (resp) => {
  await pair.reset();
  const calls = replies
    .trim()
    .split(/\s+/)
    .filter((call) => !/^randomkey$/.test(call));
  const lines = calls.map(
    (call) =>
      `r[#r+1]=show((redis.call(${call
        .split(",")
        .map((word) => `'${word}'`)
        .join(",")})))`,
  );
  await pair.agree([`${show} redis.setresp(${resp}) local r={} ${lines.join("\n")} return r`]);
});

test("numbers become arguments with 17 digits, and texts stay as they are", async () => {
  await pair.reset();
  const numbers =
    "0.1 1e20 -0.0 1/0 -1/0 0/0 3 3.0 -7 1e15 1e16 1e17 123456789012345678 2^53 1/3 1e-5 5e-324 1.7976931348623157e308".split(
      " ",
    );
  await pair.agree(numbers.map((number) => `redis.call('set','k',${number}) return redis.call('get','k')`));
  await pair.agree([
    ["EVAL", "return {KEYS,ARGV,#KEYS,#ARGV}", "2", "a", "b", "c", "d", "e"],
    ["EVAL", "return ARGV[1]..KEYS[1]", "1", "k\0\xff", "\xfe"],
    ["EVAL", "return redis.call('set',KEYS[1],ARGV[1]) and redis.call('get',KEYS[1])", "1", "\0\r\n", "\xff\0"],
    "return redis.call('incrby','n','9223372036854775800')",
    "return redis.call('get','n')",
  ]);
});

test("a table that holds itself ends in an error and not in a crash", () => {
  const session = newSession();
  for (const table of ["t[1]=t", "t.map={a=t}", "t.map={[t]=1}", "t.set={[t]=1}", "t[1]=1 t[2]=t"]) {
    const reply = JSON.stringify(shape(session.execute(["EVAL", `local t={} ${table} return t`, "0"]) as never, 2));
    expect(reply).toContain("ERR reached lua stack limit");
  }
});

test("a reply that would grow without end uses up the steps of its script", () => {
  const session = newSession({ scriptSteps: 100_000 });
  const reply = session.execute(["EVAL", "local t={} t.map=t t.a=t t.b=t return t", "0"]);
  expect(reply).toMatchObject({ message: expect.stringContaining("more than 100000 steps") });
});
