import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { Pair, type Step } from "./fixtures/index.ts";

const runs = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 200);
const seed = process.env["REDLUA_FUZZ_SEED"] === undefined ? {} : { seed: Number(process.env["REDLUA_FUZZ_SEED"]) };

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

/** What every random script begins with: values as text, and lists of no order in one. */
const prologue = `local call, pcall_, r, v = redis.call, redis.pcall, {}, nil
local function sorted(t) if type(t) == 'table' and t[1] then table.sort(t) end return t end
local function show(x, depth) depth = depth or 0 if type(x) ~= 'table' then return type(x)..':'..tostring(x) end
  if depth > 5 then return 'deep' end
  local k = {} for a, b in pairs(x) do k[#k+1] = show(a, depth+1)..'='..show(b, depth+1) end
  table.sort(k) return '{'..table.concat(k, ',')..'}' end
local function add(x) r[#r+1] = x v = x end
`;

/** Everything that the keys hold, whatever a script left there. */
const state: Step = `${prologue}
for _, key in ipairs({'a','b','c','d'}) do local t = call('type', key).ok add(key..' '..t..' '..call('ttl', key))
  if t == 'string' then add(call('get', key)) elseif t == 'list' then add(call('lrange', key, 0, -1)) elseif t == 'set' then add(sorted(call('smembers', key)))
  elseif t == 'zset' then add(call('zrange', key, 0, -1, 'withscores')) elseif t == 'hash' then add(sorted(call('hgetall', key))) end end
return r`;

const key = fc.constantFrom("'a'", "'b'", "'c'", "'d'");
const text = fc.constantFrom("'x'", "'y'", "'1'", "'10'", "'-3'", "'1.5'", "''", "'\\0\\255'", "'x y'");
const number = fc.constantFrom("0", "1", "-1", "2", "3.5", "-0.25", "1e15", "0.1", "7");
// The last result, whatever it is: a table or a boolean among the arguments is an error of its own.
const value = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 4, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom("v", "#r", "show(v)", "nil", "{}", "true") },
);

const command = (name: string, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...args).map((each) => [`'${name}'`, ...each].join(", "));

const commands = fc.oneof(
  command("set", key, value),
  command("set", key, value, fc.constantFrom("'nx'", "'xx'", "'get'", "'bad'")),
  command("setex", key, fc.constantFrom("100", "'100'", "-1", "'x'"), value),
  command("get", key),
  command("del", key, key),
  command("exists", key, key),
  command("type", key),
  command("incr", key),
  command("incrby", key, value),
  command("incrbyfloat", key, fc.constantFrom("'0.5'", "0.1", "'x'", "2")),
  command("append", key, value),
  command("mget", key, key),
  command("rename", key, key),
  command("persist", key),
  command("hset", key, value, value),
  command("hset", key, value),
  command("hget", key, value),
  command("hmget", key, value, value),
  command("hdel", key, value),
  command("hlen", key),
  command("hincrby", key, text, number),
  command("hexists", key, value),
  command("rpush", key, value, value),
  command("lpush", key, value),
  command("lpop", key),
  command("rpop", key, number),
  command("lrange", key, number, number),
  command("llen", key),
  command("lindex", key, number),
  command("lset", key, number, value),
  command("sadd", key, value, value),
  command("srem", key, value),
  command("sismember", key, value),
  command("scard", key),
  command("zadd", key, number, value),
  command("zadd", key, value, value, number, text),
  command("zscore", key, value),
  command("zrange", key, number, number, fc.constantFrom("'withscores'", "'rev'", "'bad'")),
  command(
    "zrangebyscore",
    key,
    fc.constantFrom("'-inf'", "1", "'(1'"),
    fc.constantFrom("'+inf'", "2", "'x'"),
    fc.constantFrom("'withscores'"),
  ),
  command("zincrby", key, number, value),
  command("zpopmin", key),
  command("zcard", key),
  command("zrem", key, value),
  command("nope", key),
  command("get"),
  command("multi"),
  command("echo", value),
);

const expression = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom("call", "pcall_", "pcall_"), commands).map(([how, args]) => `${how}(${args})`),
  },
  { weight: 1, arbitrary: commands.map((args) => `{pcall(call, ${args})}`) },
  { weight: 1, arbitrary: key.map((each) => `sorted(pcall_('smembers', ${each}))`) },
  { weight: 1, arbitrary: key.map((each) => `sorted(pcall_('hgetall', ${each}))`) },
  { weight: 1, arbitrary: value },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "redis.error_reply('MY a')",
      "redis.status_reply('fine')",
      "redis.sha1hex(show(v))",
      "tonumber(v) or 0",
      "{1,nil,3}",
      "{v,{v}}",
      "{map={x=v}}",
      "{set={y=true}}",
      "{double=0.5}",
      "false",
      "cjson.encode({1,'a'})",
    ),
  },
);

const statement: fc.Arbitrary<string> = fc.letrec<{ one: string; many: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 10, arbitrary: expression.map((each) => `add(${each})`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "redis.setresp(3)",
        "redis.setresp(2)",
        "error('stop '..#r)",
        "error({err='MY stop'})",
        "do return #r end",
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(key, tie("many"), tie("many"))
        .map(([each, yes, no]) => `if call('exists', ${each}) == 1 then ${yes} else ${no} end`),
    },
    { weight: 1, arbitrary: tie("many").map((body) => `for i = 1, 3 do add(i) ${body} end`) },
    { weight: 1, arbitrary: tie("many").map((body) => `add({pcall(function() ${body} end)})`) },
  ),
  many: fc.array(tie("one"), { minLength: 1, maxLength: 4 }).map((each) => each.join("\n")),
})).one;

const script = fc
  .tuple(
    fc.array(statement, { minLength: 1, maxLength: 12 }),
    fc.constantFrom("return show(r)", "return r", "return v", "return {#r, v, show(v)}"),
  )
  .map(([statements, end]) => {
    // Maps and sets come in no order of their own, so a script of RESP3 answers as text.
    const last = statements.some((each) => each.includes("setresp(3)")) ? "return show(r)" : end;
    return `${prologue}do ${statements.join("\n")}\nend\n${last}`;
  });

test("random scripts answer as on Redis, and leave the same behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(2 as const, 3 as const),
      fc.array(script, { minLength: 1, maxLength: 3 }),
      async (resp, scripts) => {
        await pair.reset(resp);
        await pair.agree(scripts.flatMap((each): Step[] => [each, state]));
      },
    ),
    { numRuns: runs, ...seed },
  );
}, 600_000);
