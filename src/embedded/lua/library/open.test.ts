import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { startRedis } from "../../../testing/index.ts";
import { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import { type LuaValue, typeName } from "../value.ts";
import { type Call, Engine, scriptOf } from "./fixtures/index.ts";
import { openLibraries } from "./index.ts";

async function freshRedis(): Promise<Redis> {
  const server = await startRedis({ engine: "redis-server" });
  const redis = new Redis({ path: server.socket });
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return redis;
}

/** What scripts have that comes from Redis rather than from the language. */
const redisOnly = ["ARGV", "KEYS", "__redis__err__handler", "redis"];

test("scripts find the globals and libraries that they find in Redis, and no others", async () => {
  const redis = await freshRedis();
  const theirs = (await redis.eval(
    `local names = {}
     for name, value in pairs(_G) do
       names[#names + 1] = name .. ' ' .. type(value)
       if type(value) == 'table' and name ~= '_G' and name ~= 'redis' then
         for field, inner in pairs(value) do names[#names + 1] = name .. '.' .. field .. ' ' .. type(inner) end
       end
     end
     return names`,
    0,
  )) as string[];
  const runtime = new Runtime();
  openLibraries(runtime);
  const ours: string[] = [];
  for (const [name, value] of entries(runtime.globals)) {
    ours.push(`${name} ${typeName(value)}`);
    if (!(value instanceof LuaTable) || name === "_G") continue;
    for (const [field, inner] of entries(value)) ours.push(`${name}.${field} ${typeName(inner)}`);
  }
  expect(ours.sort()).toEqual(theirs.filter((each) => !redisOnly.includes(each.split(" ")[0] as string)).sort());
});

function entries(table: LuaTable): [LuaValue, LuaValue][] {
  const found: [LuaValue, LuaValue][] = [];
  for (let entry = table.next(undefined); entry !== undefined; entry = table.next(entry[0])) found.push([...entry]);
  return found;
}

test("random numbers are those of Redis: from the start of the server, and after every seed", async () => {
  const redis = await freshRedis();
  const draws: Call[] = [["math.random"], ["math.random", 10], ["math.random", 5, 900], ["math.random", -(2 ** 31), 2 ** 31 - 1]];
  const seeds = [0, 1, -1, 42, 2 ** 31, 2 ** 32 + 3, -1.5, 1e300, Number.NaN, "7"];
  const calls: Call[] = [...draws, ...draws, ...draws];
  for (const seed of seeds) calls.push(["math.randomseed", seed], ...draws, ...draws);
  const theirs = (await redis.eval(scriptOf(calls), 0)) as string[];
  const engine = new Engine();
  expect(calls.map((call) => engine.run(call))).toEqual(theirs);
});
