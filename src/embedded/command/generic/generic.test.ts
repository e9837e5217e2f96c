import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { type Command, Differential, RawClient, StillClock } from "../../fixtures/index.ts";
import { Engine } from "../../session/index.ts";
import type { Reply } from "../../value/index.ts";
import { commands } from "../all.ts";
import { genericCommands } from "./index.ts";

const sequences: Readonly<Record<string, readonly Command[]>> = {
  "DEL and UNLINK": ["MSET a 1 b 2 c 3", "DEL a x a", "UNLINK b c d", "DBSIZE", "DEL", "UNLINK"],
  "EXISTS and TOUCH": ["MSET a 1 b 2", "EXISTS a", "EXISTS a a x b", "TOUCH a a x", "EXISTS", "TOUCH"],
  TYPE: ["TYPE a", "SET a 1", "TYPE a", "APPEND a 1", "TYPE a", "TYPE"],
  KEYS: [
    "MSET hello 1 hallo 2 hxllo 3 heello 4 h[llo 5",
    "KEYS *",
    "KEYS h?llo",
    "KEYS h*llo",
    "KEYS h[ae]llo",
    "KEYS h[^e]llo",
    "KEYS h[a-b]llo",
    "KEYS h[b-a]llo",
    "KEYS hello",
    "KEYS nothing",
    "KEYS h\\[llo",
    "KEYS *l*l*",
    "KEYS h[",
    "KEYS h[llo",
    "KEYS [h",
    "KEYS",
  ],
  "KEYS of odd patterns": [
    ["MSET", "", "1", "*", "2", "a\\", "3", "]", "4", "^", "5", "-", "6"],
    "KEYS *",
    ["KEYS", ""],
    "KEYS **",
    "KEYS \\*",
    "KEYS a\\",
    "KEYS a\\\\",
    "KEYS []]",
    "KEYS [\\]]",
    "KEYS [^]",
    "KEYS [^a]",
    "KEYS [+--]",
    "KEYS ?",
    "KEYS [a-]",
    "KEYS [--a]",
  ],
  "KEYS of bytes": [
    ["MSET", "\x80", "1", "\xff", "2", "\x01", "3", "a", "4"],
    ["KEYS", "[\x80-\xff]"],
    ["KEYS", "[\x01-\xff]"],
    ["KEYS", "[\x00-\x7f]"],
    ["KEYS", "\xff"],
  ],
  "KEYS leaves out what has expired": ["SET a 1 PXAT 1", "SET b 1", "KEYS *", "DBSIZE", "GET a", "DBSIZE"],
  "SCAN of few": [
    "MSET a 1 b 2 c 3",
    "SCAN 0 COUNT 100",
    "SCAN 0 COUNT 100 MATCH a",
    "SCAN 0 TYPE string COUNT 100",
    "SCAN 0 TYPE STRING COUNT 100",
    "SCAN 0 TYPE list COUNT 100",
    "SCAN 0 TYPE foo COUNT 100",
    "SCAN 0 COUNT 100 MATCH *",
  ],
  "SCAN with what is wrong": [
    "SCAN x",
    "SCAN -1x",
    "SCAN 18446744073709551616",
    "SCAN 0 COUNT 0",
    "SCAN 0 COUNT -1",
    "SCAN 0 COUNT x",
    "SCAN 0 MATCH",
    "SCAN 0 FOO",
    "SCAN 0 FOO 1",
    "SCAN 0 COUNT 1 TYPE",
    "SCAN x FOO",
    "SCAN 0",
    "SCAN",
  ],
  RANDOMKEY: ["RANDOMKEY", "SET a 1", "RANDOMKEY", "RANDOMKEY a"],
  "RANDOMKEY where all have expired": ["SET a 1 PXAT 1", "RANDOMKEY", "DBSIZE"],
  "FLUSHDB and FLUSHALL": [
    "SET a 1",
    "FLUSHDB",
    "DBSIZE",
    "SET a 1",
    "FLUSHDB ASYNC",
    "SET a 1",
    "FLUSHDB sync",
    "FLUSHDB FOO",
    "FLUSHALL",
    "FLUSHALL ASYNC",
    "FLUSHALL FOO",
    "FLUSHALL SYNC ASYNC",
    "SET a 1",
    "SELECT 1",
    "SET b 1",
    "FLUSHDB",
    "SELECT 0",
    "DBSIZE",
    "FLUSHALL",
    "DBSIZE",
  ],
  OBJECT: [
    "OBJECT ENCODING x",
    "SET a 5",
    "OBJECT REFCOUNT a",
    "OBJECT IDLETIME a",
    "OBJECT FREQ a",
    "OBJECT FREQ x",
    "OBJECT REFCOUNT x",
    "OBJECT IDLETIME x",
    "SET a 10000",
    "OBJECT REFCOUNT a",
    "SET a -1",
    "OBJECT REFCOUNT a",
    "OBJECT HELP",
    "OBJECT ENCODING",
    "OBJECT HELP x",
  ],
  "MEMORY USAGE of strings": [
    "MEMORY USAGE x",
    "SET a 1",
    "MEMORY USAGE a",
    "SET a abc",
    "MEMORY USAGE a",
    ["SET", "a", "x".repeat(44)],
    "MEMORY USAGE a",
    ["SET", "a", "x".repeat(45)],
    "MEMORY USAGE a",
    ["SET", "a", "x".repeat(300)],
    "MEMORY USAGE a",
    ["SET", "a", "x".repeat(5000)],
    "MEMORY USAGE a",
    ["SET", "k".repeat(40), "1"],
    ["MEMORY", "USAGE", "k".repeat(40)],
    "MEMORY USAGE a SAMPLES 0",
    "MEMORY USAGE a SAMPLES -1",
    "MEMORY USAGE a SAMPLES",
    "MEMORY USAGE a FOO 1",
    "MEMORY USAGE a SAMPLES x",
    "MEMORY HELP",
  ],
  "collections have names like strings": [
    "RPUSH l 1 2",
    "SADD s 1 2",
    "SADD t a b",
    "HSET h f v",
    "ZADD z 1 a",
    "XADD x 1-1 f v",
    "TYPE l",
    "TYPE s",
    "TYPE h",
    "TYPE z",
    "TYPE x",
    "COPY l l2",
    "COPY t t2",
    "COPY h h2",
    "COPY z z2",
    "COPY x x2",
    "RPUSH l 3",
    "HSET h g w",
    "ZADD z 2 b",
    "XADD x 2-1 f v",
    "LRANGE l2 0 -1",
    "HGETALL h2",
    "ZRANGE z2 0 -1 WITHSCORES",
    "XLEN x2",
    "OBJECT ENCODING l2",
    "OBJECT ENCODING s",
    "OBJECT ENCODING t2",
    "OBJECT ENCODING h2",
    "OBJECT ENCODING z2",
    "OBJECT ENCODING x2",
    "RENAME h h3",
    "HGETALL h3",
    "MOVE z 1",
    "SELECT 1",
    "ZRANGE z 0 -1",
    "SELECT 0",
    "SET h3 string",
    "GET h3",
    "GET l",
    "APPEND l x",
    "INCR l",
    "SETRANGE l 0 x",
    "GETRANGE l 0 1",
    "STRLEN l",
    "SETBIT l 0 1",
    "GETBIT l 0",
    "BITCOUNT l",
    "BITPOS l 1",
    "BITOP AND d l",
    "BITFIELD l GET u8 0",
    "BITFIELD l SET u8 0 1",
    "GETSET l x",
    "GETDEL l",
    "GETEX l",
    "SET l x GET",
    "INCRBYFLOAT l 1",
    "LCS l s",
    "LCS l s FOO",
    "MGET l s",
    "TYPE l",
    "SCAN 0 TYPE list COUNT 100",
    "SCAN 0 TYPE zset COUNT 100",
    "DEL l l2 s t t2 z2 x x2 h2 h3",
    "DBSIZE",
  ],
  WAIT: ["WAIT 0 0", "WAIT 0 100", "WAIT x 0", "WAIT 0 x", "WAIT 0 -1", "WAIT 0"],
};

describe("commands on keys agree with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...commands.values()]);
  });
  afterAll(() => redis.stop());

  const unordered = new Set(["keys", "scan"]);
  // A scan answers its keys in an order of its own.
  const normalize = (reply: unknown, [name = "", word]: readonly string[]): unknown => {
    // Redis' own second may be over between a SET and the look at it.
    if (name === "OBJECT" && word === "IDLETIME" && reply === 1) return 0;
    return Array.isArray(reply) && Array.isArray(reply[1]) ? [reply[0], reply[1].toSorted()] : reply;
  };

  test.each(Object.entries(sequences))("%s", (_, commands) => redis.agree(commands, { events: true, unordered, normalize }));

  test("in which keys a scan meets, however many there are", async () => {
    const keys = Array.from({ length: 500 }, (_, at) => `k${at}`);
    const session = new Engine({ clock: new StillClock(), commands }).connect();
    for (const key of keys) session.execute(["SET", key, "v"]);
    const met: Reply[] = [];
    let cursor = "0";
    do {
      const [next, found] = session.execute(["SCAN", cursor, "MATCH", "k*[0-4]", "COUNT", "7"]) as [string, Reply[]];
      met.push(...found);
      cursor = next;
    } while (cursor !== "0");
    expect(met.toSorted()).toEqual(keys.filter((key) => /[0-4]$/.test(key)).toSorted());
  });

  test("in what COMMAND INFO says of each", () => redis.agreeOnSpecs(genericCommands));
});

test("replies have the forms of RESP3 where the client speaks it", async () => {
  const server: RedisServer = await startRedis({ engine: "redis-server" });
  const real = await RawClient.open(server.socket);
  const session = new Engine({ clock: new StillClock(), commands }).connect();
  session.resp = 3;
  const list = [
    "MSET a ohmytext b mynewtext",
    "LCS a b IDX WITHMATCHLEN",
    "GET none",
    "MGET a none",
    "SET a x GET XX",
    "RANDOMKEY x",
    "INCRBYFLOAT n 1.5",
    "BITFIELD f OVERFLOW FAIL INCRBY u1 0 5",
    "OBJECT ENCODING none",
    "OBJECT HELP",
    "SORT none",
    "SCAN 0 COUNT 100 MATCH a",
    "DUMP none",
    "MEMORY USAGE none",
  ].map((line) => line.split(" "));
  try {
    const [, ...replies] = await real.send([["HELLO", "3"], ...list]);
    expect(list.map((args) => session.execute(args))).toEqual(replies);
  } finally {
    real.close();
    await server.stop();
  }
});
