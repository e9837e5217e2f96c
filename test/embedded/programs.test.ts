import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { ensureRedisServer } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, patience, servers } from "./support/servers.ts";

const folder = dirname(await ensureRedisServer());
const redisCli = join(folder, "redis-cli");
const redisBenchmark = join(folder, "redis-benchmark");

let real: Listening;
let ours: Listening;
beforeAll(async () => {
  [real, ours] = (await Promise.all(servers.map(([, start]) => start()))) as [Listening, Listening];
});
afterAll(async () => {
  await ours[Symbol.asyncDispose]();
  await real[Symbol.asyncDispose]();
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(program: string, server: Listening, args: readonly string[], input = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      ["-p", String(server.port), ...args],
      { timeout: 20_000, maxBuffer: 2 ** 26 },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
    // A program that needs no input may be gone before it is written.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Expects redis-cli to print the same of both servers. */
async function same(args: readonly string[], input = ""): Promise<string> {
  const theirs = await run(redisCli, real, args, input);
  expect(await run(redisCli, ours, args, input), args.join(" ")).toEqual(theirs);
  return theirs.out;
}

test("redis-cli prints the same, command by command, in both protocols and forms", async () => {
  for (const protocol of [["-2"], ["-3"], ["--csv"], ["--no-raw"], ["--raw"], ["-3", "--json"]]) {
    await same([...protocol, "FLUSHALL"]);
    await same(
      protocol,
      `SET a "one \\x01 two"
       GET a
       GET none
       INCRBYFLOAT n 1.5
       LPUSH l a b c
       LRANGE l 0 -1
       HSET h f 1 g 2
       HGETALL h
       ZADD z 1 a 2.5 b
       ZRANGE z 0 -1 WITHSCORES
       ZSCORE z b
       SADD s a
       SMEMBERS s
       XADD x 1-1 f v
       XRANGE x - +
       XINFO STREAM x
       LPUSH a x
       NOSUCH
       MULTI
       INCR c
       GET c
       EXEC
       EVAL "return {1,'a',false,redis.status_reply('OK')}" 0
       EVAL "redis.setresp(3) return {double=1.5}" 0
       OBJECT ENCODING z
       CONFIG GET maxmemory
       EXISTS a l h`,
    );
  }
});

test("redis-cli scans, pipes in bulk, repeats, reads arguments and evaluates files", async () => {
  await same(["FLUSHALL"]);
  const requests = Array.from({ length: 5000 }, (_, n) => `*3\r\n$3\r\nSET\r\n$${`key:${n}`.length}\r\nkey:${n}\r\n$1\r\nv\r\n`);
  expect(await same(["--pipe"], requests.join(""))).toContain("errors: 0, replies: 5000");
  const keys = (out: string): readonly string[] => out.trim().split("\n").toSorted();
  const scanned = await run(redisCli, ours, ["--scan", "--pattern", "key:1*"]);
  const expected = await run(redisCli, real, ["--scan", "--pattern", "key:1*"]);
  expect(keys(scanned.out)).toEqual(keys(expected.out));
  expect(keys(scanned.out)).toHaveLength(1111);
  await same(["-r", "3", "INCR", "repeated"]);
  await same(["-x", "SET", "from-input"], "some text");
  await same(["-n", "3", "SET", "elsewhere", "1"]);
  await same(["-n", "3", "DBSIZE"]);
  await same(["EVAL", "return {KEYS[1],ARGV[1]}", "1", "k", "v"]);
  expect((await run(redisCli, ours, ["-e", "NOSUCH"])).code).toBe(1);
});

test("redis-cli looks for what is big", async () => {
  await run(redisCli, ours, ["-x", "SET", "large"], "x".repeat(1000));
  for (const mode of ["--bigkeys", "--memkeys"]) {
    const { code, out } = await run(redisCli, ours, [mode]);
    expect({ mode, code, found: /Sampled \d+ keys in the keyspace/.test(out) }).toEqual({ mode, code: 0, found: true });
    expect(out).toMatch(/Biggest string found \S*large\S* has/);
  }
});

test.each(["-2", "-3"])("redis-cli %s listens until it is ended", async (protocol) => {
  const heard = async (server: Listening): Promise<string> => {
    const listener = spawn(redisCli, ["-p", String(server.port), protocol, "PSUBSCRIBE", "news:*"]);
    let out = "";
    listener.stdout.on("data", (text) => {
      out += text;
    });
    await expect.poll(() => out, patience).toContain("psubscribe");
    await run(redisCli, server, ["PUBLISH", "news:a", "hello"]);
    await expect.poll(() => out, patience).toContain("hello");
    listener.kill();
    await once(listener, "exit");
    return out;
  };
  expect(await heard(ours)).toBe(await heard(real));
});

test.each([
  ["-P", "16", "-n", "2000", "-c", "50"],
  ["-n", "200", "-c", "10", "-d", "1000", "-r", "1000"],
  ["-3", "-n", "500", "-P", "4"],
])("redis-benchmark runs its tests to the end: %s %s %s %s %s", { timeout: 30_000 }, async (...args) => {
  const { code, out, err } = await run(redisBenchmark, ours, ["-q", ...args]);
  const tests = [...out.matchAll(/^(?:.*\r)?([A-Z][^:\r\n]*): [\d.]+ requests per second/gm)].map(([, name]) => name);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(tests).toHaveLength(20);
  expect(out).not.toMatch(/error/i);
});
