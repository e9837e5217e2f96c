import { afterAll, beforeAll, expect, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several, some } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { stringCommands } from "../strings/index.ts";
import { setCommands } from "./index.ts";

let both: Differential;
beforeAll(async () => {
  both = await Differential.start([...setCommands, ...genericCommands, ...stringCommands]);
});
afterAll(() => both.stop());

const string = "SET str 1";
const two: Command[] = ["SADD s a b c 1", "SADD t b c d 2"];
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => String(from + at));

test("specs are as COMMAND INFO tells them", () => both.agreeOnSpecs(setCommands));

test.each<[string, Command[]]>([
  ["SADD", ["SADD s a", "SADD s a", "SADD s a b b c", "SMEMBERS s", "SADD s", "SADD"]],
  ["SADD of bytes and nothing", [["SADD", "s", "", "\0\xff", "\r\n"], "SMEMBERS s", ["SISMEMBER", "s", ""], "SCARD s"]],
  [
    "SADD to a string",
    [string, "SADD str a", "SREM str a", "SCARD str", "SMEMBERS str", "SISMEMBER str a", "SMISMEMBER str a b"],
  ],
  ["SREM", ["SADD s a b c", "SREM s a x", "SREM s a", "SREM s b c b", "EXISTS s", "SREM s a", "SREM s"]],
  [
    "reading nothing",
    ["SCARD s", "SMEMBERS s", "SISMEMBER s a", "SMISMEMBER s a b", "SCARD", "SISMEMBER s", "SMISMEMBER s", "SMEMBERS"],
  ],
  ["SISMEMBER and SMISMEMBER", ["SADD s a 1", "SISMEMBER s a", "SISMEMBER s 1", "SISMEMBER s 01", "SMISMEMBER s a b 1 a"]],
  [
    "integers are in their order",
    ["SADD s 3 -1 20 0 -15 100 7", "SMEMBERS s", "OBJECT ENCODING s", "SREM s 20 99", "SMEMBERS s"],
  ],
  [
    "integers of 64 bits",
    [
      "SADD s 9223372036854775807 -9223372036854775808 9007199254740993 9007199254740992 0",
      "SMEMBERS s",
      "SISMEMBER s 9007199254740993",
      "OBJECT ENCODING s",
    ],
  ],
  [
    "what looks like an integer",
    [
      "SADD s 1 2",
      "SADD s 01",
      "OBJECT ENCODING s",
      "SADD t 1 9223372036854775808",
      "OBJECT ENCODING t",
      "SADD u -0",
      "OBJECT ENCODING u",
    ],
  ],
  [
    "an integer set that is asked for others",
    ["SADD s 1 2 3", "SISMEMBER s a", "SREM s a", "SMISMEMBER s 1 a", "OBJECT ENCODING s"],
  ],
  [
    "one that is no integer converts for good",
    ["SADD s 1 2", "SADD s a", "OBJECT ENCODING s", "SREM s a", "OBJECT ENCODING s", "SMEMBERS s"],
  ],
  [
    "512 integers, and one more",
    [
      ["SADD", "s", ...numbers(0, 512)],
      "OBJECT ENCODING s",
      "SMEMBERS s",
      "SADD s 511",
      "OBJECT ENCODING s",
      "SADD s 512",
      "OBJECT ENCODING s",
      "SREM s 1 2",
      "OBJECT ENCODING s",
    ],
  ],
  [
    "many members",
    [
      ["SADD", "s", ...numbers(0, 600), "x"],
      "SCARD s",
      "SMEMBERS s",
      ["SREM", "s", ...numbers(10, 600)],
      "SMEMBERS s",
      "SISMEMBER s x",
    ],
  ],
  ["SMOVE", ["SADD s a b", "SMOVE s t a", "SMOVE s t a", "SMOVE s t b", "EXISTS s", "SMEMBERS t", "SMOVE s t a", "SMOVE s t"]],
  [
    "SMOVE to where it is",
    ["SADD s a b", "SADD t a", "SMOVE s t a", "SMEMBERS s", "SMEMBERS t", "SMOVE s s b", "SMOVE s s q", "SMEMBERS s"],
  ],
  [
    "SMOVE and strings",
    [string, "SMOVE none str a", "SMOVE str none a", "SADD s a", "SMOVE s str a", "SMOVE s str q", "SMEMBERS s"],
  ],
  ["SMOVE of an integer", ["SADD s 1 2", "SMOVE s t 1", "OBJECT ENCODING t", "SADD u a", "SMOVE s u 2", "OBJECT ENCODING u"]],
  ["SINTER", [...two, "SINTER s t", "SINTER s", "SINTER s none", "SINTER none", "SINTER s s", "SINTER"]],
  ["SUNION", [...two, "SUNION s t", "SUNION s", "SUNION s none", "SUNION none", "SUNION"]],
  ["SDIFF", [...two, "SDIFF s t", "SDIFF t s", "SDIFF s", "SDIFF s none", "SDIFF none s", "SDIFF s s", "SDIFF s t s"]],
  [
    "sets and strings",
    [...two, string, "SINTER s str", "SINTER none str", "SINTER str none", "SUNION none str", "SDIFF none str", "SDIFF s str"],
  ],
  [
    "storing sets and strings",
    [...two, string, "SINTERSTORE d none str", "SUNIONSTORE d s str", "SDIFFSTORE d str s", "EXISTS d"],
  ],
  [
    "SINTERSTORE",
    [...two, "SINTERSTORE d s t", "SMEMBERS d", "SINTERSTORE d s none", "EXISTS d", "SINTERSTORE d s none", "SINTERSTORE d"],
  ],
  ["SUNIONSTORE", [...two, "SUNIONSTORE d s t", "SMEMBERS d", "SUNIONSTORE s s t", "SCARD s", "SUNIONSTORE d none", "EXISTS d"]],
  ["SDIFFSTORE", [...two, "SDIFFSTORE d s t", "SMEMBERS d", "SDIFFSTORE s s s", "EXISTS s", "SDIFFSTORE d none t", "EXISTS d"]],
  [
    "storing over anything",
    [
      ...two,
      string,
      "EXPIRE str 100",
      "SINTERSTORE str s t",
      "TTL str",
      "TYPE str",
      "SET str 1",
      "SINTERSTORE str none none",
      "EXISTS str",
    ],
  ],
  [
    "what is stored may be integers",
    ["SADD s a 1 2", "SADD t b 1 2", "SINTERSTORE d s t", "OBJECT ENCODING d", "SUNIONSTORE e s t", "OBJECT ENCODING e"],
  ],
  [
    "differences may be integers",
    ["SADD s a 1 2", "SADD t a", "SDIFFSTORE d s t", "OBJECT ENCODING d", "SMEMBERS d", "SDIFF s t", "SUNION d"],
  ],
  [
    "SINTERCARD",
    [
      ...two,
      "SINTERCARD 2 s t",
      "SINTERCARD 2 s t LIMIT 1",
      "SINTERCARD 2 s t limit 0",
      "SINTERCARD 1 s LIMIT 9",
      "SINTERCARD 2 s none",
      "SINTERCARD 1 s LIMIT 1 LIMIT 2",
    ],
  ],
  [
    "SINTERCARD's arguments",
    [
      "SINTERCARD x s",
      "SINTERCARD 0 s",
      "SINTERCARD -1 s",
      "SINTERCARD 2 s",
      "SINTERCARD 1 s LIMIT",
      "SINTERCARD 1 s LIMIT x",
      "SINTERCARD 1 s FOO 1",
    ],
  ],
  [
    "SINTERCARD's odd arguments",
    ["SINTERCARD 1 s LIMIT -1", "SINTERCARD 1", string, "SINTERCARD 1 str", "SINTERCARD 1 str LIMIT -1", "SINTERCARD 2 none str"],
  ],
  ["SPOP of one", ["SADD s a", "SPOP s", "EXISTS s", "SPOP s", "SPOP s 1", "SPOP s 0"]],
  ["SPOP of all", ["SADD s a b c", "SPOP s 0", "SPOP s 9", "EXISTS s", "SADD t 3 1 2", "SPOP t 3", "EXISTS t"]],
  [
    "SPOP's arguments",
    ["SADD s a", "SPOP s -1", "SPOP s x", "SPOP s 1 2", string, "SPOP str", "SPOP str 1", "SPOP str -1", "SPOP none -1"],
  ],
  [
    "SRANDMEMBER",
    [
      "SADD s a",
      "SRANDMEMBER s",
      "SRANDMEMBER s 1",
      "SRANDMEMBER s 5",
      "SRANDMEMBER s -3",
      "SRANDMEMBER s 0",
      "SRANDMEMBER none",
      "SRANDMEMBER none 1",
    ],
  ],
  [
    "SRANDMEMBER's arguments",
    [
      "SADD s a",
      "SRANDMEMBER s x",
      "SRANDMEMBER s 1 2",
      "SRANDMEMBER s -9223372036854775808",
      "SRANDMEMBER none -9223372036854775808",
      string,
      "SRANDMEMBER str 0",
    ],
  ],
  [
    "SSCAN",
    ["SADD s 3 1 20", "SSCAN s 0", "SSCAN s 0 MATCH 2*", "SSCAN s 7", "SSCAN s 0 COUNT 1", "SSCAN none 0", "SSCAN none 0 FOO"],
  ],
  [
    "SSCAN's arguments",
    [
      "SADD s 1",
      "SSCAN s x",
      "SSCAN s 0 COUNT 0",
      "SSCAN s 0 COUNT x",
      "SSCAN s 0 FOO 1",
      "SSCAN s 0 TYPE set",
      "SSCAN s 0 MATCH",
      string,
      "SSCAN str 0",
    ],
  ],
  ["COPY is of its own", ["SADD s 1 2", "COPY s t", "SADD t a", "OBJECT ENCODING s", "OBJECT ENCODING t", "SMEMBERS s"]],
  ["the expiry stays", ["SADD s a", "EXPIRE s 100", "SADD s b", "SREM s a", "TTL s", "SPOP s", "SADD s a", "TTL s"]],
])("%s", async (_, commands) => {
  await both.agree(commands, { events: true, normalize: sorted });
});

test("sets of integers answer in the order of their numbers", () =>
  both.agree(
    [
      "SADD s 3 -1 20 100 0 -15",
      "SADD t 7 20 3 -100",
      "SMEMBERS s",
      "SUNION s t",
      "SINTER s t",
      "SDIFF s t",
      "SSCAN s 0",
      "SPOP t 9",
    ].concat(["SUNIONSTORE d s t", "SREM s 20 -1", "SMEMBERS s", "SRANDMEMBER s 9"]),
    { unordered: new Set(), normalize: (reply, [name]) => (name === "SPOP" ? sorted(reply) : reply) },
  ));

test("RESP3 has sets", () =>
  both.agree(
    [
      "SADD s 1 2 3",
      "SMEMBERS s",
      "SMEMBERS none",
      "SINTER s s",
      "SUNION s none",
      "SDIFF s none",
      "SINTER none",
      "SRANDMEMBER s 3",
    ].concat([
      "SRANDMEMBER none 3",
      "SRANDMEMBER none",
      "SMISMEMBER s 1 9",
      "SISMEMBER s 1",
      "SSCAN s 0",
      "SPOP none",
      "SPOP none 1",
      "SPOP s 0",
      "SPOP s 3",
      "SMOVE s s 1",
    ]),
    { resp: 3, normalize: sorted },
  ));

test("what SPOP chose is what is recorded", () => {
  const session = both.engine().connect();
  const recorded: (readonly string[])[] = [];
  session.record = (line) => recorded.push(line);
  session.execute(["SADD", "s", "a", "b", "c", "d"]);
  const one = session.execute(["SPOP", "s"]) as string;
  const two = session.execute(["SPOP", "s", "2"]) as unknown as { members: string[] };
  session.execute(["SPOP", "s", "9"]);
  expect(recorded).toEqual([
    ["SREM", "s", one],
    ["SREM", "s", ...two.members],
    ["DEL", "s"],
  ]);
});

test("random commands on sets are answered as Redis answers them", async () => {
  const key = oneOf("s", "t", "u", "str");
  const member = oneOf("a", "b", "1", "2", "-3", "10", "");
  await agreeAtRandom(
    both,
    [
      command(oneOf("SADD", "SREM", "SMISMEMBER"), key, several(member, 4)),
      command("SADD", oneOf("s", "t", "u"), several(member, 4)),
      command("SISMEMBER", key, member),
      command(oneOf("SCARD", "SMEMBERS"), key),
      command("SMOVE", key, key, member),
      command(oneOf("SINTER", "SUNION", "SDIFF"), several(key, 3)),
      command(oneOf("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"), key, several(key, 3)),
      command("SINTERCARD", oneOf("1", "2", "0"), key, key, some(["LIMIT", "1"], ["LIMIT", "-1"])),
      command(oneOf("SPOP", "SRANDMEMBER"), key, oneOf("7", "0", "x")),
      command("SSCAN", key, "0", some(["MATCH", "[ab1]"], ["COUNT", "100"], ["FOO", "1"])),
      command("COPY", key, key, some(["REPLACE"])),
      command("DEL", key),
      command("SET", "str", member),
    ],
    ["s", "t", "u", "str"].flatMap((name) => [`SMEMBERS ${name}`, `TYPE ${name}`, `OBJECT ENCODING ${name}`]),
    { normalize: (reply, [name = ""]) => (name === "SMEMBERS" ? reply : sorted(reply)) },
  );
});

/** Lists within a reply, each in order: what a hash table has none of. */
function sorted(reply: unknown): unknown {
  return Array.isArray(reply) ? reply.map(sorted).toSorted() : reply;
}
