import { afterAll, beforeAll, expect, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several, some } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { stringCommands } from "../strings/index.ts";
import { hashCommands } from "./index.ts";

let both: Differential;
beforeAll(async () => {
  both = await Differential.start([...hashCommands, ...genericCommands, ...stringCommands]);
});
afterAll(() => both.stop());

const long = "x".repeat(65);
const fits = "x".repeat(64);
const fill = (count: number): Command => [
  "HSET",
  "h",
  ...Array.from({ length: count }, (_, at) => [`f${at}`, String(at)]).flat(),
];

test("specs are as COMMAND INFO tells them", () => both.agreeOnSpecs(hashCommands));

test.each<[string, Command[]]>([
  ["HSET adds", ["HSET h a 1", "HSET h a 2", "HSET h a 3 b 4", "HGETALL h"]],
  ["HSET takes pairs", ["HSET h a", "HSET h a 1 b", "HSET h", "HSET", "EXISTS h"]],
  ["HSET of one field twice", ["HSET h a 1 a 2", "HGET h a", "HLEN h"]],
  ["HSET of empty texts", [["HSET", "h", "", ""], ["HGET", "h", ""], ["HSTRLEN", "h", ""], "HGETALL h"]],
  ["HSET of bytes", [["HSET", "h", "\0\xff", "\r\n\x80"], ["HGET", "h", "\0\xff"], "HGETALL h"]],
  ["HSET on a string", ["SET s 1", "HSET s a 1", "HSET s a", "HMSET s a 1", "HSETNX s a 1"]],
  ["HMSET", ["HMSET h a 1 b 2", "HMSET h a", "HMSET h a 1 b", "HMSET h", "HGETALL h"]],
  ["HSETNX", ["HSETNX h a 1", "HSETNX h a 2", "HGET h a", "HSETNX h a", "HSETNX h a 1 b 2"]],
  ["HGET", ["HGET h a", "HSET h a 1", "HGET h a", "HGET h b", "HGET h", "HGET h a b", "SET s 1", "HGET s a"]],
  ["HMGET", ["HMGET h a b", "HSET h a 1", "HMGET h a b a", "HMGET h", "SET s 1", "HMGET s a b"]],
  ["HGETALL keeps the order of a listpack", ["HSET h b 1 a 2 c 3", "HDEL h a", "HSET h a 4 b 5", "HGETALL h", "HGETALL h x"]],
  ["HGETALL of nothing", ["HGETALL h", "HKEYS h", "HVALS h", "HLEN h", "HSTRLEN h a", "HEXISTS h a"]],
  ["reading a string", ["SET s 1", "HGETALL s", "HKEYS s", "HVALS s", "HLEN s", "HSTRLEN s a", "HEXISTS s a", "HDEL s a"]],
  ["HKEYS and HVALS", ["HSET h a 1 b 1 c 2", "HKEYS h", "HVALS h", "HKEYS", "HVALS h h"]],
  [
    "HLEN, HSTRLEN, HEXISTS",
    ["HSET h a hello b 12", "HLEN h", "HSTRLEN h a", "HSTRLEN h b", "HSTRLEN h c", "HEXISTS h a", "HEXISTS h c"],
  ],
  ["HDEL", ["HSET h a 1 b 2 c 3", "HDEL h a x", "HDEL h a", "HDEL h b c b", "EXISTS h", "HDEL h a", "HDEL h"]],
  [
    "HINCRBY",
    ["HINCRBY h a 5", "HINCRBY h a -7", "HGET h a", "HINCRBY h a x", "HINCRBY h a 1.5", "HINCRBY h a", "HINCRBY h a 1 2"],
  ],
  [
    "HINCRBY of no integer",
    ["HSET h a x b 1.5 c 01 d + e 9223372036854775808", ["HSET", "h", "f", ""], "HINCRBY h a 1", "HINCRBY h b 1"],
  ],
  [
    "HINCRBY of odd texts",
    ["HSET h c 01 d + e 9223372036854775808", ["HSET", "h", "f", ""], "HINCRBY h c 1", "HINCRBY h d 1", "HINCRBY h e 1"],
  ],
  ["HINCRBY of an empty text", [["HSET", "h", "f", ""], "HINCRBY h f 1", "HINCRBY h g 0", "HGETALL h"]],
  [
    "HINCRBY beyond 2^53",
    [
      "HSET h a 9007199254740991",
      "HINCRBY h a 1",
      "HINCRBY h a 1",
      "HINCRBY h a 9000000000000000000",
      "HINCRBY h a 9000000000000000000",
    ],
  ],
  [
    "HINCRBY to the ends",
    ["HINCRBY h a 9223372036854775807", "HINCRBY h a 1", "HINCRBY h b -9223372036854775808", "HINCRBY h b -1"],
  ],
  ["HINCRBY beyond 64 bits", ["HINCRBY h a 9223372036854775808", "HINCRBY h a -9223372036854775809", "EXISTS h"]],
  ["HINCRBY on a string", ["SET s 1", "HINCRBY s a x", "HINCRBY s a 1", "HINCRBYFLOAT s a x", "HINCRBYFLOAT s a 1"]],
  [
    "HINCRBYFLOAT",
    ["HINCRBYFLOAT h a 0.1", "HINCRBYFLOAT h a 0.2", "HINCRBYFLOAT h a -0.3", "HINCRBYFLOAT h a 1e3", "HGETALL h"],
  ],
  [
    "HINCRBYFLOAT of odd increments",
    ["HINCRBYFLOAT h a x", "HINCRBYFLOAT h a inf", "HINCRBYFLOAT h a -inf", "HINCRBYFLOAT h a nan"],
  ],
  [
    "HINCRBYFLOAT of odd values",
    [
      "HSET h a x b inf c nan",
      ["HSET", "h", "d", " 1"],
      "HINCRBYFLOAT h a 1",
      "HINCRBYFLOAT h b 1",
      "HINCRBYFLOAT h c 1",
      "HINCRBYFLOAT h d 1",
    ],
  ],
  [
    "HINCRBYFLOAT at its limit",
    ["HINCRBYFLOAT h a 1e4932", "HINCRBYFLOAT h a 1e4932", "HINCRBYFLOAT h b 1e-17", "HINCRBYFLOAT h b 1e-20"],
  ],
  ["HINCRBYFLOAT of an empty value", [["HSET", "h", "a", ""], "HINCRBYFLOAT h a 1", "HINCRBYFLOAT h a 3.0e0", "HGETALL h"]],
  [
    "HRANDFIELD's arguments",
    ["HSET h a 1", "HRANDFIELD h x", "HRANDFIELD h 1 x", "HRANDFIELD h 1 WITHVALUES x", "HRANDFIELD h 1 x x"],
  ],
  [
    "HRANDFIELD's limits",
    [
      "HSET h a 1",
      "HRANDFIELD h -9223372036854775808",
      "HRANDFIELD h 9223372036854775807",
      "HRANDFIELD h 9223372036854775807 WITHVALUES",
    ],
  ],
  [
    "HRANDFIELD of halves",
    [
      "HRANDFIELD h -9223372036854775808 WITHVALUES",
      "HRANDFIELD h 4611686018427387904 WITHVALUES",
      "HRANDFIELD h 4611686018427387903 WITHVALUES",
    ],
  ],
  [
    "HRANDFIELD of one",
    ["HSET h a 1", "HRANDFIELD h", "HRANDFIELD h 1", "HRANDFIELD h 9", "HRANDFIELD h -3", "HRANDFIELD h 2 withvalues"],
  ],
  [
    "HRANDFIELD of none",
    ["HRANDFIELD h", "HRANDFIELD h 1", "HRANDFIELD h -1 WITHVALUES", "HSET h a 1", "HRANDFIELD h 0", "HRANDFIELD h 0 WITHVALUES"],
  ],
  ["HRANDFIELD of a string", ["SET s 1", "HRANDFIELD s", "HRANDFIELD s 0", "HRANDFIELD s x", "HRANDFIELD s 1 WITHVALUES"]],
  [
    "HSCAN",
    ["HSET h a 1 b 2 ab 3", "HSCAN h 0", "HSCAN h 0 MATCH a*", "HSCAN h 0 COUNT 1", "HSCAN h 0 MATCH * COUNT 2", "HSCAN h 5"],
  ],
  [
    "HSCAN's cursors",
    ["HSET h a 1", "HSCAN h x", "HSCAN h -1", "HSCAN h +0", ["HSCAN", "h", ""], ["HSCAN", "h", " 0"], "HSCAN h 1.5", "HSCAN h -"],
  ],
  [
    "HSCAN's greatest cursors",
    ["HSET h a 1", "HSCAN h 18446744073709551615", "HSCAN h 18446744073709551616", "HSCAN h -18446744073709551616"],
  ],
  [
    "HSCAN's options",
    [
      "HSET h a 1",
      "HSCAN h 0 COUNT 0",
      "HSCAN h 0 COUNT x",
      "HSCAN h 0 COUNT -5",
      "HSCAN h 0 MATCH",
      "HSCAN h 0 FOO",
      "HSCAN h 0 TYPE x",
    ],
  ],
  [
    "HSCAN's last option wins",
    ["HSET h a 1 b 2", "HSCAN h 0 MATCH a MATCH b", "HSCAN h 0 COUNT 1 COUNT 0", "HSCAN h 0 match B", "HSCAN h 0 match [b]"],
  ],
  ["HSCAN of nothing", ["HSCAN h 0 FOO BAR", "HSCAN h x", "SET s 1", "HSCAN s 0", "HSCAN s x", "HSCAN s 0 FOO", "HSCAN h"]],
  [
    "a long value makes it a hash table",
    [
      ["HSET", "h", "a", fits],
      "OBJECT ENCODING h",
      ["HSET", "h", "b", long],
      "OBJECT ENCODING h",
      "HDEL h b",
      "OBJECT ENCODING h",
    ],
  ],
  [
    "a long field makes it a hash table",
    [["HSET", "h", long, "1"], "OBJECT ENCODING h", ["HSETNX", "g", long, "1"], "OBJECT ENCODING g"],
  ],
  ["HSETNX converts what it does not change", ["HSET h a 1", ["HSETNX", "h", "a", long], "OBJECT ENCODING h", "HGETALL h"]],
  [
    "HINCRBY of a long field",
    [["HINCRBY", "h", long, "1"], "OBJECT ENCODING h", ["HINCRBYFLOAT", "g", "a", "1e70"], "OBJECT ENCODING g"],
  ],
  [
    "512 fields are a listpack",
    [fill(512), "OBJECT ENCODING h", "HGETALL h", "HSET h f0 x", "OBJECT ENCODING h", "HSET h g x", "OBJECT ENCODING h"],
  ],
  ["513 fields are none, and stay so", [fill(513), "OBJECT ENCODING h", "HDEL h f0 f1 f2", "OBJECT ENCODING h", "HLEN h"]],
  ["COPY keeps the encoding", [fill(513), "HDEL h f0 f1", "COPY h g", "OBJECT ENCODING g", "HLEN g", "HSET g new 1", "HLEN h"]],
  ["SET replaces a hash", ["HSET h a 1", "SET h x", "HGET h a", "DEL h", "HSET h b 1", "TYPE h", "HGETALL h"]],
  ["the expiry stays", ["HSET h a 1", "EXPIRE h 100", "HSET h b 2", "TTL h", "HDEL h a b", "TTL h", "HSET h a 1", "TTL h"]],
])("%s", async (_, commands) => {
  await both.agree(commands, { events: true });
});

test("a listpack answers in the order in which its fields came", () =>
  both.agree(
    [
      fill(100),
      "HSET h f3 x b 1 a 2",
      "HDEL h f0 f50",
      "HSET h f0 again",
      "HGETALL h",
      "HKEYS h",
      "HVALS h",
      "HSCAN h 0",
      "HRANDFIELD h 200",
    ],
    { unordered: new Set(), normalize: (reply) => JSON.stringify(reply) },
  ));

test("RESP3 has maps", () =>
  both.agree(
    ["HSET h a 1 b 2", "HGETALL h", "HGETALL nothing", "HKEYS h", "HVALS h", "HMGET h a x", "HGET h x", "HSCAN h 0"].concat([
      "HRANDFIELD nothing",
      "HRANDFIELD nothing 2 WITHVALUES",
      "HRANDFIELD h 2 WITHVALUES",
      "HINCRBYFLOAT h a 1.5",
      "HDEL h b",
      "HRANDFIELD h -2 WITHVALUES",
    ]),
    { resp: 3, normalize: (reply, [name]) => (name === "HRANDFIELD" && Array.isArray(reply) ? reply.toSorted() : reply) },
  ));

test("random commands on hashes are answered as Redis answers them", async () => {
  const key = oneOf("h", "g", "s");
  const field = oneOf("a", "b", "c", "", long);
  const value = oneOf("1", "-2", "3.5", "x", "9223372036854775807", long);
  const count = oneOf("0", "1", "-1", "x");
  const random = new Set(["hkeys", "hvals", "hscan"]);
  await agreeAtRandom(
    both,
    [
      command(
        oneOf("HSET", "HMSET"),
        key,
        several(
          several(field, 1).chain((name) => value.map((text) => [...name, text])),
          3,
        ),
      ),
      command("HSETNX", key, field, value),
      command(oneOf("HGET", "HEXISTS", "HSTRLEN"), key, field),
      command(oneOf("HMGET", "HDEL"), key, several(field, 4)),
      command(oneOf("HGETALL", "HLEN", "HKEYS", "HVALS"), key),
      command(oneOf("HINCRBY", "HINCRBYFLOAT"), key, field, value),
      command("HSCAN", key, "0", some(["MATCH", "a*"], ["COUNT", "100"], ["COUNT", "0"], ["FOO", "1"])),
      command("HRANDFIELD", oneOf("none", "s"), count, some(["WITHVALUES"], ["FOO"])),
      command("COPY", key, key, some(["REPLACE"])),
      command("DEL", key),
      command("SET", "s", value),
    ],
    ["h", "g", "s"].flatMap((name) => [`HGETALL ${name}`, `TYPE ${name}`, `OBJECT ENCODING ${name}`]),
    {
      normalize: (reply, [name = ""]) => {
        if (name === "HRANDFIELD" && Array.isArray(reply)) return reply.length;
        return random.has(name.toLowerCase()) ? sorted(reply) : reply;
      },
    },
  );
});

/** Lists within a reply, each in order: what a hash table has none of. */
function sorted(reply: unknown): unknown {
  return Array.isArray(reply) ? reply.map(sorted).toSorted() : reply;
}

test("a hash of many fields is found again in each encoding", async () => {
  const many = Array.from({ length: 600 }, (_, at) => [`f${at}`, String(at)]).flat();
  await both.agree([
    ["HSET", "h", ...many],
    "HGETALL h",
    "HGET h f599",
    "HMGET h f0 f300 f600",
    "HDEL h f1 f2",
    "HGETALL h",
    "HLEN h",
  ]);
  expect(many).toHaveLength(1200);
});
