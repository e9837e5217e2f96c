import { afterAll, beforeAll, expect, test } from "vitest";
import { Status } from "../value/index.ts";
import { Pair, type Step } from "./fixtures/index.ts";
import { scriptingCommands } from "./index.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(() => pair.stop());

const one = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";
const none = "f".repeat(40);

test("EVAL and EVALSHA check their count of keys as Redis does, in its order", async () => {
  await pair.reset();
  const counts = [
    "0",
    "1",
    "-1",
    "x",
    "1.5",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "",
    " 0",
    "00",
    "+0",
  ];
  for (const name of ["EVAL", "EVAL_RO"])
    await pair.agree(
      counts.flatMap((count) => [
        [name, "return 1", count],
        [name, "return =", count],
      ]),
    );
  for (const name of ["EVALSHA", "EVALSHA_RO"]) {
    await pair.agree(
      counts.flatMap((count) => [
        [name, one, count],
        [name, none, count],
        [name, "abc", count],
        [name, one.toUpperCase(), count],
      ]),
    );
    await pair.agree([[name, one], [name], [name, "x".repeat(41), "0"]]);
  }
  await pair.agree([
    ["EVAL", "return 1"],
    ["EVAL"],
    ["eval", "return KEYS", "2", "a", "b", "c"],
    ["Eval", "return ARGV", "1", "a", "b", "c"],
  ]);
});

test("a script is known by its SHA1 once it ran or was loaded, until it is flushed", async () => {
  await pair.reset();
  await pair.agree([
    ["EVALSHA", one, "0"],
    ["SCRIPT", "EXISTS", one],
    ["EVAL", "return 1", "0"],
    ["EVALSHA", one, "0"],
    ["EVALSHA", one.toUpperCase(), "0"],
    ["SCRIPT", "EXISTS", one, one.toUpperCase(), "x", none],
    ["SCRIPT", "FLUSH"],
    ["EVALSHA", one, "0"],
    ["SCRIPT", "LOAD", "return 1"],
    ["EVALSHA_RO", one, "0"],
    ["SCRIPT", "FLUSH", "ASYNC"],
    ["SCRIPT", "EXISTS", one],
    ["SCRIPT", "LOAD", "return redis.call('nope')"],
    ["EVALSHA", "F01F0776DF71CC5B400C2268135AA7F30DCE2E53", "0"],
    ["SCRIPT", "FLUSH", "sync"],
    ["SCRIPT", "LOAD", "error('x')"],
    ["SCRIPT", "EXISTS", "9851144f39f03a0d597a980c5aa79c80cb696891"],
    ["EVAL", "return =", "0"],
    ["EVALSHA", "3b8df1ca6e2a84ae6c8ba5c5b9a2ac6b7bd8ed3b", "0"],
  ]);
});

test("SCRIPT and its subcommands answer as Redis does", async () => {
  await pair.reset();
  const steps: Step[] = [
    ["SCRIPT"],
    ["SCRIPT", "HELP"],
    ["SCRIPT", "HELP", "x"],
    ["SCRIPT", "LOAD"],
    ["SCRIPT", "LOAD", "return 1"],
    ["SCRIPT", "LOAD", "a", "b"],
    ["SCRIPT", "LOAD", "return ="],
    ["SCRIPT", "LOAD", "#!lua\nreturn 1"],
    ["SCRIPT", "LOAD", "#!luax\nreturn 1"],
    ["SCRIPT", "LOAD", ""],
    ["SCRIPT", "EXISTS"],
    ["SCRIPT", "FLUSH", "x"],
    ["SCRIPT", "FLUSH", "ASYNC", "SYNC"],
    ["SCRIPT", "KILL"],
    ["SCRIPT", "KILL", "x"],
    ["SCRIPT", "DEBUG"],
    ["SCRIPT", "DEBUG", "NO", "x"],
    ["script", "exists", one],
  ];
  await pair.agree(steps);
  // Redis takes this outside a pipeline only.
  await pair.agree([["SCRIPT", "DEBUG", "x"]]);
  await pair.agree([["SCRIPT", "DEBUG", "NO"]]);
  expect(pair.session.execute(["SCRIPT", "DEBUG", "YES"])).toMatchObject({
    message: expect.stringContaining("not supported by the embedded engine"),
  });
});

test("a shebang is read as Redis reads it", async () => {
  await pair.reset();
  const lines = [
    "#!lua",
    "#!lua \n",
    "#!lua \n\nreturn redis.call('x')",
    "#!\nreturn 1",
    "#!lua2\nreturn 1",
    "#!LUA\nreturn 1",
    "#! lua\nreturn 1",
    "#!lua flags=\nreturn 1",
    "#!lua flags=no-writes,\nreturn 1",
    "#!lua flags=,no-writes\nreturn 1",
    "#!lua flags=x,y\nreturn 1",
    "#!lua flags=NO-WRITES\nreturn 1",
    "#!lua FLAGS=no-writes\nreturn 1",
    "#!lua name=x\nreturn 1",
    "#!lua  flags=no-writes  flags=allow-oom \nreturn 1",
    '#!lua "flags=no-writes"\nreturn 1',
    "#!lua 'flags=no-writes'\nreturn 1",
    '#!lua "flags\nreturn 1',
    '#!lua "flags=no-writes"x\nreturn 1',
    '#!lua "fl\\x61gs=no-writes"\nreturn 1',
    "#!lua flags=no-cluster,allow-stale,allow-oom,no-writes,allow-cross-slot-keys\r\nreturn 1",
    "#!lua flags=no-writes,no-writes\nreturn 1",
    "#!lua\nerror('line two')",
    "#!lua\nreturn =",
    "\n#!lua\nreturn 1",
    " #!lua\nreturn 1",
  ];
  await pair.agree(lines);
  await pair.agree(lines.map((line) => ["SCRIPT", "LOAD", line]));
  await pair.agree(lines.map((line) => ["EVAL_RO", line, "0"]));
});

test("a script that does not compile is refused with Lua's own words", async () => {
  await pair.reset();
  const sources = [
    "end",
    "x=",
    "if true then",
    "return 1 2",
    "return return",
    "for",
    "'abc",
    '"abc\n',
    "--[[ abc",
    "goto x",
    "return 0x",
    "return 1;;",
    "break",
    "a()=1",
    "",
  ];
  await pair.agree(sources);
  await pair.agree(sources.map((source) => ["EVAL", `\n\n${source}`, "0"]));
});

test("a transaction holds scripts like other commands", async () => {
  await pair.reset();
  await pair.agree([
    ["MULTI"],
    ["EVAL", "return redis.call('incr',KEYS[1])", "1", "n"],
    ["EVALSHA", none, "0"],
    ["EVAL", "return 1", "x"],
    ["SCRIPT", "LOAD", "return 1"],
    ["EVALSHA", one, "0"],
    ["EXEC"],
    ["GET", "n"],
    ["WATCH", "n"],
    ["EVAL", "return redis.call('incr','n')", "0"],
    ["MULTI"],
    ["GET", "n"],
    ["EXEC"],
  ]);
});

test("while memory is short, scripts run as Redis lets them", async () => {
  await pair.reset();
  const limited: Step[] = [
    ["SET", "big", "x".repeat(100)],
    ["FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f',function() return 1 end)"],
    ["CONFIG", "SET", "maxmemory", "1"],
    ["EVAL", "return redis.call('set','a','b')", "0"],
    ["EVAL", "return redis.call('get','a')", "0"],
    ["EVAL", "redis.call('del','q') return redis.call('set','a','b')", "0"],
    ["EVAL", "#!lua\nreturn 1", "0"],
    ["SCRIPT", "LOAD", "#!lua\nreturn 1"],
    ["EVALSHA", "cb70127618f0b0be70c53cf6bfcfa54a29d9b0c0", "0"],
    ["EVAL", "#!lua flags=no-writes\nreturn 1", "0"],
    ["EVAL", "#!lua flags=allow-oom\nreturn redis.call('set','a','b')", "0"],
    ["FCALL", "f", "0"],
    ["FUNCTION", "LOAD", "REPLACE", "#!lua name=l\nredis.register_function('f',function() return 1 end)"],
    ["CONFIG", "SET", "maxmemory", "0"],
  ];
  await pair.agree(limited);
});

test("names, counts, flags and keys are those that COMMAND INFO tells", async () => {
  await pair.reset();
  const plain = (value: unknown): unknown =>
    value instanceof Status ? value.text : Array.isArray(value) ? value.map(plain) : value;
  for (const spec of scriptingCommands) {
    const [container, subcommand] = spec.name.split("|");
    const [info] = plain(await pair.real(["COMMAND", "INFO", container as string])) as unknown[][];
    const under = (info?.[9] ?? []) as unknown[][];
    const found = subcommand === undefined ? info : under.find((each) => each[0] === spec.name);
    expect([found?.[0], found?.[1], new Set(found?.[2] as string[]), found?.[3]]).toEqual([
      spec.name,
      spec.arity,
      new Set(spec.flags),
      0,
    ]);
  }
  const keys = await pair.real(["COMMAND", "GETKEYS", "EVAL", "x", "2", "a", "b", "c"]);
  expect(keys).toEqual(["a", "b"]);
  expect(scriptingCommands[0]?.findKeys?.(["EVAL", "x", "2", "a", "b", "c"])).toEqual([3, 4]);
});
