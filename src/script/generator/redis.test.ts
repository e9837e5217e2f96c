import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../testing/index.ts";
import { commands, forbidden, keyPositions } from "./commands.ts";
import { compileScript } from "./compile.ts";
import { IncludeResolver } from "./include-resolver.ts";
import { readLuaFile } from "./lua-file.ts";
import { libraries, sandbox } from "./sandbox.ts";

const folder: string = mkdtempSync(join(tmpdir(), "redlua-gen-"));
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ engine: "redis-server" });
  redis = new Redis({ path: server.socket });
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the line in an error of Redis is the line of the file, behind comments, long texts and includes", async () => {
  writeFileSync(
    join(folder, "outer.lua"),
    "--- @include inner\n\n--- Doubles.\nlocal function outer(n)\n  -- twice\n  return inner(n) + inner(n)\nend\n",
  );
  writeFileSync(join(folder, "inner.lua"), "-- As it is.\nlocal function inner(n)\n  return n\nend\n");
  const path = join(folder, "fail.lua");
  const lines = [
    "--- Fail on a line that is known.",
    "---",
    "--- @key    note  string  a list, in this test",
    "--- @reply  integer",
    "--- @writes once",
    "",
    "local note = KEYS[1]",
    "--[[ three",
    "  lines of",
    "  comment ]]",
    "--- @include outer",
    "",
    "local long = [[ -- two",
    "  lines ]] -- of text",
    "local n = outer(2) -- four",
    'redis.call("SET", note, n .. long) -- this is line 16',
    "return n",
  ];
  writeFileSync(path, lines.join("\n"));
  const lua = compile(path);
  expect(await redis.eval(lua, 1, "note:works")).toBe(4);
  expect(await redis.getdel("note:works")).toBe("4 -- two\n  lines ");
  writeFileSync(path, lines.join("\n").replace('redis.call("SET"', 'redis.call("INCRBY"').replace("n .. long", '"x"'));
  await expect(redis.eval(compile(path), 1, "note:fails")).rejects.toThrow(/not an integer.*user_script:16\b/);
});

test("the include now is the clock of the server, or the time that is passed", async () => {
  const path = join(folder, "clock.lua");
  const header = "--- Read the clock.\n---\n--- @arg now? instant\n--- @reply instant\n--- @writes none\n";
  writeFileSync(path, `${header}\n--- @include now\n\nreturn now_ms(ARGV[1])\n`);
  const lua = compile(path);
  const time = async (): Promise<number> =>
    (await redis.time()).reduce((sum, part, index) => sum + Math.floor(Number(part) * (index === 0 ? 1000 : 0.001)), 0);
  const before = await time();
  const now = Number(await redis.eval(lua, 0, ""));
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(await time());
  expect(await redis.eval(lua, 0, "1700000000123")).toBe(1_700_000_000_123);
});

test("what the checks know of commands is what Redis says", async () => {
  // A newer Redis has commands that came later; they are added by hand.
  const complete = /redis_version:(?:6\.|7\.0)/.test(await redis.info("server"));
  const described = (await redis.call("COMMAND")) as [string, number, string[], number, number, number][];
  expect(described.length).toBeGreaterThan(200);
  const unlike = described.flatMap(([lower, arity, flags, first, last, step]) => {
    const name = lower.toUpperCase();
    const command = commands.get(name);
    if (command === undefined) return forbidden.has(name) || !complete ? [] : [`${name} is not known`];
    const wrong: string[] = [];
    if (flags.includes("noscript")) wrong.push("is not for scripts");
    if (command.wordsMin !== Math.abs(arity) || Number.isFinite(command.wordsMax) !== arity > 0) wrong.push(`has arity ${arity}`);
    if (flags.includes("write") && !command.writes) wrong.push("writes");
    const keys = command.keys ?? { first: 0, last: 0, step: 0 };
    // The channel of SPUBLISH is a key to Redis only so that it has a slot.
    if (name !== "SPUBLISH" && (keys.first !== first || keys.last !== last || keys.step !== step))
      wrong.push(`has keys ${first} ${last} ${step}`);
    return wrong.map((what) => `${name} ${what}`);
  });
  expect(unlike).toEqual([]);
});

test("commands that a script of no writes may not call are those that Redis refuses it", async () => {
  for (const name of ["PUBLISH", "SPUBLISH", "PFCOUNT"]) {
    expect(commands.get(name)?.writes).toBe(true);
    await expect(redis.call("EVAL_RO", `return redis.call("${name}", "a", "b")`, "0")).rejects.toThrow(
      /Write commands are not allowed/,
    );
  }
});

test("keys of a command are found by their places, from the front and from the back", () => {
  const places = (name: string, args: number): readonly number[] => keyPositions(commands.get(name) as never, args);
  expect(places("MSET", 6)).toEqual([0, 2, 4]);
  expect(places("DEL", 3)).toEqual([0, 1, 2]);
  expect(places("BITOP", 4)).toEqual([1, 2, 3]);
  expect(places("TIME", 0)).toEqual([]);
});

test("every name of the sandbox is there in Redis, and so is every member that this version has", async () => {
  const missing = `
    local missing = {}
    for i = 1, #ARGV do
      local library, member = string.match(ARGV[i], "^([^.]+)%.?(.*)$")
      local ok, found = pcall(function() if member == "" then return _G[library] end return _G[library][member] end)
      if not ok or found == nil then missing[#missing + 1] = ARGV[i] end
    end
    return missing`;
  const members = Object.entries(libraries).flatMap(([library, names]) => names.map((name) => `${library}.${name}`));
  expect(await redis.eval(missing, 1, "any", ...sandbox, ...members)).toEqual([]);
});

function compile(path: string): string {
  const problems: string[] = [];
  const report = (line: number, rule: string, message: string): void => {
    problems.push(`${line} ${rule} ${message}`);
  };
  const file = readLuaFile(path, report);
  const script = file === undefined ? undefined : compileScript(file, new IncludeResolver(() => report), report);
  expect(problems, readFileSync(path, "utf8")).toEqual([]);
  return script?.lua ?? "";
}
