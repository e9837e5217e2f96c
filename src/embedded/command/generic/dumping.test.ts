import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { Differential, plain, RawClient, StillClock } from "../../fixtures/index.ts";
import { Engine, type Session } from "../../session/index.ts";
import type { Reply } from "../../value/index.ts";
import { commands } from "../all.ts";

const many = (count: number, word: string): string[] => Array.from({ length: count }, (_, at) => `${word}${at}`);
const pairs = (count: number): string[] => many(count, "f").flatMap((field) => [field, `v${field}`]);
const scored = (count: number): string[] => many(count, "m").flatMap((member, at) => [String(at / 3 - 5), member]);

/** What is dumped, by how it is made, and the command that shows it. */
const values: readonly (readonly [name: string, make: readonly string[], show: readonly string[]])[] = [
  ["text", ["SET", "k", "hello"], ["GET", "k"]],
  ["nothing", ["SET", "k", ""], ["GET", "k"]],
  ["bytes", ["SET", "k", "\0\xff\r\n"], ["GET", "k"]],
  ...["0", "-1", "127", "128", "-129", "32768", "2147483647", "-2147483648", "2147483648", "9223372036854775807", "007"].map(
    (number) => [`the number ${number}`, ["SET", "k", number], ["GET", "k"]] as const,
  ),
  ["a long text that can be compressed", ["SET", "k", "abcabcabc".repeat(3000)], ["GET", "k"]],
  ["one byte over and over", ["SET", "k", "x".repeat(100_000)], ["GET", "k"]],
  [
    "a long text that cannot be compressed",
    ["SET", "k", String.fromCharCode(...many(600, "").map((_, at) => (at * at * 7 + (at >> 3)) % 256))],
    ["GET", "k"],
  ],
  ["text that grew", ["APPEND", "k", "12"], ["GET", "k"]],
  [
    "a short list",
    [
      "RPUSH",
      "k",
      "a",
      "",
      "-1",
      "100",
      "4000",
      "-3000",
      "5000",
      "-5000",
      "70000",
      "-9000000",
      "3000000000",
      "-9223372036854775808",
      "x".repeat(100),
    ],
    ["LRANGE", "k", "0", "-1"],
  ],
  ["a long list", ["RPUSH", "k", ...many(3000, "element"), "y".repeat(9000)], ["LRANGE", "k", "0", "-1"]],
  ["a list of a long element", ["RPUSH", "k", "y".repeat(70_000)], ["LRANGE", "k", "0", "-1"]],
  ["a set of integers", ["SADD", "k", "1", "-5", "70000", "3"], ["SMEMBERS", "k"]],
  ["a set of great integers", ["SADD", "k", "1", "-9223372036854775808"], ["SMEMBERS", "k"]],
  ["a set of 32-bit integers", ["SADD", "k", "1", "100000"], ["SMEMBERS", "k"]],
  ["a set of words", ["SADD", "k", ...many(20, "word")], ["SMEMBERS", "k"]],
  ["a small hash", ["HSET", "k", ...pairs(5)], ["HGETALL", "k"]],
  ["a large hash", ["HSET", "k", ...pairs(700)], ["HGETALL", "k"]],
  [
    "a small sorted set",
    ["ZADD", "k", "1", "a", "-2.5", "b", "inf", "c", "1e300", "d", "0.1", "e"],
    ["ZRANGE", "k", "0", "-1", "WITHSCORES"],
  ],
  ["a large sorted set", ["ZADD", "k", ...scored(300), "-inf", "x", "inf", "y"], ["ZRANGE", "k", "0", "-1", "WITHSCORES"]],
];

describe("values go from one to the other", () => {
  let server: RedisServer;
  let real: RawClient;
  let ours: Session;
  beforeAll(async () => {
    server = await startRedis({ engine: "redis-server" });
    real = await RawClient.open(server.socket);
    ours = new Engine({ clock: new StillClock(), commands }).connect();
  });
  afterAll(async () => {
    real.close();
    await server.stop();
  });

  const ask = async (...args: string[]): Promise<Reply> => (await real.send([args]))[0] as Reply;
  const here = (...args: string[]): Reply => ours.execute(args) as Reply;
  /** Members of a hash table come in any order. */
  const inOrder = (reply: Reply, show: readonly string[]): unknown => {
    const shown = plain(reply);
    return Array.isArray(shown) && /^[SH]/.test(show[0] as string) ? shown.sort() : shown;
  };

  test.each(values)("%s that Redis dumped is restored here", async (_, make, show) => {
    await real.send([["FLUSHALL"], make]);
    here("FLUSHALL");
    expect(here("RESTORE", "k", "0", (await ask("DUMP", "k")) as string)).toEqual({ text: "OK" });
    expect(inOrder(here(...show), show)).toEqual(inOrder(await ask(...show), show));
    expect(here("OBJECT", "ENCODING", "k")).toEqual(
      await ask("OBJECT", "ENCODING", "k").then((own) => (make[0] === "APPEND" ? "int" : own)),
    );
  });

  test.each(values)("%s that was dumped here is restored in Redis, and here", async (_, make, show) => {
    here("FLUSHALL");
    here(...make);
    const payload = here("DUMP", "k") as string;
    const shown = inOrder(here(...show), show);
    await ask("FLUSHALL");
    expect(await ask("RESTORE", "k", "0", payload)).toEqual({ text: "OK" });
    expect(inOrder(await ask(...show), show)).toEqual(shown);
    here("DEL", "k");
    expect(here("RESTORE", "k", "0", payload)).toEqual({ text: "OK" });
    expect(inOrder(here(...show), show)).toEqual(shown);
  });

  test("what was damaged is refused", async () => {
    here("FLUSHALL");
    await real.send([["FLUSHALL"], ["SET", "k", "abcabc".repeat(100)]]);
    const payload = (await ask("DUMP", "k")) as string;
    for (let at = 0; at < payload.length; at++) {
      const damaged = payload.slice(0, at) + String.fromCharCode(payload.charCodeAt(at) ^ 1) + payload.slice(at + 1);
      expect(here("RESTORE", "k", "0", damaged)).toMatchObject({ message: "ERR DUMP payload version or checksum are wrong" });
    }
    expect(here("RESTORE", "k", "0", "")).toMatchObject({ message: "ERR DUMP payload version or checksum are wrong" });
    expect(here("EXISTS", "k")).toBe(0);
  });
});

// "hello" as Redis 7.0 dumps it, an empty list, and a type of which there is none, each with its checksum.
const hello = "\x00\x05hello\x0a\x00\x0f\x1b\x63\x72\xe9\x76\x65\x34";

describe("RESTORE agrees with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...commands.values()]);
  });
  afterAll(() => redis.stop());

  test("in its options, its refusals and its events", () =>
    redis.agree(
      [
        ["RESTORE", "k", "0", hello],
        "GET k",
        ["RESTORE", "k", "0", hello],
        "TTL k",
        ["RESTORE", "k", "100000", hello, "REPLACE"],
        "TTL k",
        ["RESTORE", "k", "99999999999999", hello, "ABSTTL", "REPLACE"],
        "PEXPIRETIME k",
        ["RESTORE", "k", "1", hello, "ABSTTL", "REPLACE"],
        "EXISTS k",
        ["RESTORE", "k", "1", hello, "ABSTTL"],
        ["RESTORE", "k", "-1", hello],
        ["RESTORE", "k", "x", hello],
        ["RESTORE", "k", "x", "damaged"],
        ["RESTORE", "k", "0", "damaged"],
        ["RESTORE", "k", "0", `${hello}x`],
        ["RESTORE", "k", "0", hello, "FOO"],
        ["RESTORE", "k", "0", hello, "IDLETIME"],
        ["RESTORE", "k", "0", hello, "IDLETIME", "-1"],
        ["RESTORE", "k", "0", hello, "IDLETIME", "x"],
        ["RESTORE", "k", "0", hello, "FREQ", "256"],
        ["RESTORE", "k", "0", hello, "FREQ", "1", "IDLETIME", "1"],
        ["RESTORE", "k", "0", hello, "IDLETIME", "1", "FREQ", "1"],
        ["RESTORE", "k", "0", hello, "IDLETIME", "10"],
        "DEL k",
        ["RESTORE", "k", "0", hello, "FREQ", "10"],
        "DUMP none",
        "DUMP k",
        "SET n 5",
        "DUMP n",
        "RESTORE k 0",
        "DUMP",
      ],
      { events: true },
    ));
});
