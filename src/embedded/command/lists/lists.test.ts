import { afterAll, beforeAll, expect, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several, some } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { Blocked } from "../spec.ts";
import { stringCommands } from "../strings/index.ts";
import { listCommands } from "./index.ts";

let both: Differential;
beforeAll(async () => {
  both = await Differential.start([...listCommands, ...genericCommands, ...stringCommands]);
});
afterAll(() => both.stop());

const abc = "RPUSH l a b c";
const all = "LRANGE l 0 -1";
const string = "SET s 1";

test("specs are as COMMAND INFO tells them", () => both.agreeOnSpecs(listCommands));

test.each<[string, Command[]]>([
  ["LPUSH puts the last first", ["LPUSH l a b c", "LPUSH l d", all, "LLEN l", "OBJECT ENCODING l", "TYPE l"]],
  ["RPUSH", [abc, "RPUSH l d", all, "RPUSH l", "RPUSH", "LPUSH l"]],
  ["pushing bytes and nothing", [["RPUSH", "l", "", "\0\xff", "\r\n"], all, "LINDEX l 0", "LINDEX l 1"]],
  ["pushing to a string", [string, "LPUSH s a", "RPUSH s a", "LPUSHX s a", "RPUSHX s a"]],
  ["LPUSHX and RPUSHX", ["LPUSHX l a", "RPUSHX l a", "EXISTS l", abc, "LPUSHX l x y", "RPUSHX l x y", all, "LPUSHX l"]],
  ["LPOP and RPOP", [abc, "LPOP l", "RPOP l", "LPOP l", "EXISTS l", "LPOP l", "RPOP l"]],
  ["popping many", ["RPUSH l 1 2 3 4 5", "LPOP l 2", "RPOP l 2", "LPOP l 0", "LPOP l 9", "EXISTS l", "LPOP l 1", "RPOP l 0"]],
  [
    "popping with a wrong count",
    [abc, "LPOP l -1", "LPOP l x", "LPOP l 1.5", "LPOP l 1 2", "RPOP l 1 2", "RPOP l 9223372036854775808"],
  ],
  ["popping a huge count", [abc, "LPOP l 9223372036854775807", "EXISTS l"]],
  ["popping from a string", [string, "LPOP s", "RPOP s 1", "LPOP s x", "LPOP s 0", "LPOP s 1 1"]],
  ["LLEN", ["LLEN l", abc, "LLEN l", string, "LLEN s", "LLEN", "LLEN l l"]],
  ["LRANGE", [abc, all, "LRANGE l 1 1", "LRANGE l -2 -1", "LRANGE l -100 100", "LRANGE l 2 1", "LRANGE l 3 9", "LRANGE l -1 0"]],
  [
    "LRANGE's arguments",
    [abc, "LRANGE l x 1", "LRANGE l 0 x", "LRANGE l 0", "LRANGE none 0 1", string, "LRANGE s 0 1", "LRANGE s x 1"],
  ],
  [
    "LRANGE's limits",
    [abc, "LRANGE l -9223372036854775808 9223372036854775807", "LRANGE l 0 9223372036854775808", "LRANGE l 1.0 2"],
  ],
  [
    "LINDEX",
    [abc, "LINDEX l 0", "LINDEX l -1", "LINDEX l 3", "LINDEX l -4", "LINDEX l x", "LINDEX none x", string, "LINDEX s x"],
  ],
  [
    "LSET",
    [abc, "LSET l 0 x", "LSET l -1 y", "LSET l 3 z", "LSET l -4 z", "LSET l x z", "LSET none x z", string, "LSET s x z", all],
  ],
  [
    "LINSERT",
    [
      abc,
      "LINSERT l BEFORE b x",
      "LINSERT l after b y",
      "LINSERT l BEFORE a f",
      "LINSERT l AFTER c l",
      all,
      "LINSERT l BEFORE q x",
    ],
  ],
  [
    "LINSERT's arguments",
    [
      abc,
      "LINSERT l FOO a b",
      "LINSERT none BEFORE a b",
      string,
      "LINSERT s BEFORE a b",
      "LINSERT s FOO a b",
      "LINSERT l BEFORE a",
    ],
  ],
  ["LINSERT at the first of equals", ["RPUSH l a b a b", "LINSERT l AFTER b x", all, "LINSERT l BEFORE a y", all]],
  ["LREM from the left", ["RPUSH l a b a c a", "LREM l 2 a", all, "LREM l 1 q", "LREM l 9 a", all]],
  ["LREM from the right", ["RPUSH l a b a c a", "LREM l -2 a", all, "LREM l -9 a", all, "LREM l -1 c", "LREM l 0 b", "EXISTS l"]],
  ["LREM of all", ["RPUSH l a b a c a", "LREM l 0 a", all, "LREM none 0 a", "LREM none x a", string, "LREM s 0 a", "LREM s x a"]],
  ["LTRIM", ["RPUSH l 1 2 3 4 5", "LTRIM l 1 -2", all, "LTRIM l 0 0", all, "LTRIM l 5 9", "EXISTS l", "LTRIM l 0 1"]],
  ["LTRIM of nothing", [abc, "LTRIM l 0 -1", all, "LTRIM l -100 100", all, "LTRIM l 2 1", "EXISTS l"]],
  ["LTRIM's arguments", [abc, "LTRIM l x 1", "LTRIM l 0 x", string, "LTRIM s 0 1", "LTRIM s x 1", "LTRIM none x 1", "LTRIM l 0"]],
  [
    "LPOS",
    ["RPUSH l a b c a b c", "LPOS l b", "LPOS l q", "LPOS l b RANK 2", "LPOS l b RANK 3", "LPOS l b RANK -1", "LPOS l b RANK -2"],
  ],
  [
    "LPOS with COUNT",
    [
      "RPUSH l a b a b a",
      "LPOS l a COUNT 0",
      "LPOS l a COUNT 2",
      "LPOS l q COUNT 0",
      "LPOS l a COUNT 0 RANK -2",
      "LPOS none a COUNT 1",
      "LPOS none a",
    ],
  ],
  [
    "LPOS with MAXLEN",
    [
      "RPUSH l a b a b a",
      "LPOS l b MAXLEN 1",
      "LPOS l b MAXLEN 2",
      "LPOS l a COUNT 0 MAXLEN 3",
      "LPOS l a COUNT 0 MAXLEN 0",
      "LPOS l b MAXLEN 2 RANK -1",
    ],
  ],
  [
    "LPOS' arguments",
    [
      "LPOS l a RANK 0",
      "LPOS l a RANK x",
      "LPOS l a COUNT -1",
      "LPOS l a COUNT x",
      "LPOS l a MAXLEN -1",
      "LPOS l a MAXLEN x",
      "LPOS l a FOO 1",
    ],
  ],
  [
    "LPOS' odd arguments",
    [
      "LPOS l a RANK",
      "LPOS l a RANK 1 COUNT",
      "LPOS l a RANK -9223372036854775808",
      "LPOS l",
      string,
      "LPOS s a",
      "LPOS s a RANK 0",
      "LPOS l a rank 1 count 1 maxlen 1",
    ],
  ],
  [
    "LMOVE",
    [
      abc,
      "LMOVE l m LEFT RIGHT",
      "LMOVE l m RIGHT LEFT",
      "LMOVE l m left left",
      "LRANGE m 0 -1",
      "EXISTS l",
      "LMOVE l m LEFT LEFT",
    ],
  ],
  [
    "LMOVE within a list",
    [
      abc,
      "LMOVE l l LEFT RIGHT",
      all,
      "LMOVE l l RIGHT LEFT",
      all,
      "LMOVE l l LEFT LEFT",
      "RPUSH o 1",
      "LMOVE o o LEFT RIGHT",
      "LRANGE o 0 -1",
    ],
  ],
  [
    "LMOVE's arguments",
    [
      abc,
      "LMOVE l m FOO LEFT",
      "LMOVE l m LEFT FOO",
      "LMOVE l m LEFT",
      string,
      "LMOVE s l LEFT LEFT",
      "LMOVE l s LEFT LEFT",
      "LMOVE none s LEFT LEFT",
      all,
    ],
  ],
  [
    "RPOPLPUSH",
    [
      abc,
      "RPOPLPUSH l m",
      "RPOPLPUSH l l",
      "LRANGE m 0 -1",
      all,
      "RPOPLPUSH none m",
      string,
      "RPOPLPUSH l s",
      "RPOPLPUSH s l",
      "RPOPLPUSH l",
    ],
  ],
  ["LMPOP", [abc, "LMPOP 2 none l LEFT", "LMPOP 1 l RIGHT COUNT 9", "EXISTS l", "LMPOP 1 l LEFT", "LMPOP 2 l none LEFT COUNT 2"]],
  [
    "LMPOP's numkeys",
    [
      "LMPOP 0 l LEFT",
      "LMPOP x l LEFT",
      "LMPOP -1 l LEFT",
      "LMPOP 2 l LEFT",
      "LMPOP 99 l LEFT",
      "LMPOP 1 l",
      "LMPOP 9223372036854775807 l LEFT",
    ],
  ],
  [
    "LMPOP's options",
    [
      "LMPOP 1 l FOO",
      "LMPOP 1 l LEFT COUNT",
      "LMPOP 1 l LEFT COUNT 0",
      "LMPOP 1 l LEFT COUNT x",
      "LMPOP 1 l LEFT COUNT 1 COUNT 1",
      "LMPOP 1 l LEFT FOO 1",
    ],
  ],
  ["LMPOP of a string", [string, abc, "LMPOP 2 none s LEFT", "LMPOP 2 l s LEFT", "LMPOP 2 s l LEFT"]],
  ["BLPOP with something there", [abc, "BLPOP none l 0", "BRPOP l none 0", "BLPOP l 5.5", "EXISTS l"]],
  [
    "BLPOP's timeout",
    [
      abc,
      "BLPOP l x",
      "BLPOP l -1",
      "BLPOP l inf",
      "BLPOP l nan",
      "BLPOP l 1e400",
      "BLPOP l 99999999999999999999",
      "BLPOP l -0.0001",
      ["BLPOP", "l", ""],
    ],
  ],
  [
    "BLPOP's odd timeouts",
    [
      "RPUSH l 1 2 3 4 5 6",
      "BLPOP l 0x10",
      "BLPOP l 1e-5",
      "BLPOP l 9223372036854776",
      ["BLPOP", "l", " 1"],
      "BLPOP l 1e3",
      "BLPOP l +1",
    ],
  ],
  ["BLPOP of a string", [string, "BLPOP s 0", "BLPOP none s 0", "BRPOP s x", abc, "BLPOP l s 0", "BLPOP l", "BLPOP"]],
  ["BLMOVE with something there", [abc, "BLMOVE l m LEFT RIGHT 0", "BRPOPLPUSH l m 0", "LRANGE m 0 -1", all]],
  [
    "BLMOVE's arguments",
    [
      abc,
      "BLMOVE l m FOO LEFT x",
      "BLMOVE l m LEFT FOO 0",
      "BLMOVE l m LEFT LEFT x",
      "BLMOVE l m LEFT LEFT -1",
      "BRPOPLPUSH l m x",
      "BLMOVE l m LEFT LEFT",
    ],
  ],
  [
    "BLMOVE of a string",
    [abc, string, "BLMOVE s l LEFT LEFT 0", "BLMOVE l s LEFT LEFT 0", "BRPOPLPUSH s l 0", "BRPOPLPUSH l s 0", all],
  ],
  ["BLMPOP with something there", [abc, "BLMPOP 0 2 none l LEFT", "BLMPOP 1.5 1 l RIGHT COUNT 5", "EXISTS l"]],
  [
    "BLMPOP's arguments",
    [
      "BLMPOP x 0 l LEFT",
      "BLMPOP x 1 l LEFT",
      "BLMPOP 0 x l LEFT",
      "BLMPOP 0 2 l LEFT",
      "BLMPOP 0 1 l FOO",
      "BLMPOP x 1 l LEFT COUNT 0",
      "BLMPOP -1 1 l LEFT",
    ],
  ],
  ["BLMPOP of a string", [string, "BLMPOP 0 1 s LEFT", "BLMPOP 0 2 none s LEFT COUNT 3", "BLMPOP 0 1 s"]],
  ["COPY is of its own", [abc, "COPY l m", "LPUSH m x", "LSET m 1 y", all, "LRANGE m 0 -1", "OBJECT ENCODING m"]],
  [
    "the expiry stays",
    [abc, "EXPIRE l 100", "LPUSH l x", "LPOP l", "LTRIM l 0 0", "TTL l", "LPOP l", "TTL l", "RPUSH l a", "TTL l"],
  ],
  ["SORT reads lists", ["RPUSH l 3 1 2", "SORT l", "SORT l DESC STORE m", "LRANGE m 0 -1", "TYPE m"]],
])("%s", async (_, commands) => {
  await both.agree(commands, { events: true });
});

test("RESP3 has one null", () =>
  both.agree(
    [
      "LPOP l",
      "LPOP l 1",
      "RPOP l 0",
      "LMPOP 1 l LEFT",
      "LPOS l a",
      "LPOS l a COUNT 1",
      "LINDEX l 0",
      "LMOVE l m LEFT LEFT",
      abc,
    ].concat([all, "LMPOP 1 l LEFT COUNT 2", "BLPOP l 0"]),
    { resp: 3 },
  ));

test("what waits says for which keys, for how long, and what it answers then", () => {
  const waiting = (line: string): Blocked => both.engine().connect().execute(line.split(" ")) as Blocked;
  expect(waiting("BLPOP a b 1.5")).toMatchObject({ keys: ["a", "b"], timeoutMs: 1500 });
  expect(waiting("BRPOP a 0")).toMatchObject({ keys: ["a"], timeoutMs: 0 });
  expect(waiting("BLMPOP 0.0001 2 a b LEFT COUNT 3")).toMatchObject({ keys: ["a", "b"], timeoutMs: 1 });
  expect(waiting("BLMOVE a b LEFT LEFT 2")).toMatchObject({ keys: ["a"], timeoutMs: 2000, declined: null });
  expect(waiting("BRPOPLPUSH a b 2")).toBeInstanceOf(Blocked);
});

test("keys of LMPOP and BLMPOP are found where the count says", () => {
  const keysOf = (line: string): unknown => {
    const args = line.split(" ");
    return listCommands.find(({ name }) => name === args[0])?.findKeys?.(args);
  };
  expect(keysOf("lmpop 2 a b LEFT")).toEqual([2, 3]);
  expect(keysOf("blmpop 0 1 a LEFT COUNT 2")).toEqual([3]);
  expect(keysOf("lmpop 9 a LEFT")).toEqual([]);
  expect(keysOf("lmpop x a LEFT")).toEqual([]);
});

test("random commands on lists are answered as Redis answers them", async () => {
  const key = oneOf("l", "m", "s");
  const element = oneOf("a", "b", "", "1", "x".repeat(70));
  const index = oneOf("0", "1", "-1", "2", "-3", "5", "-9", "x");
  const side = oneOf("LEFT", "right", "LEFT", "RIGHT", "FOO");
  await agreeAtRandom(
    both,
    [
      command(oneOf("LPUSH", "RPUSH", "LPUSHX", "RPUSHX"), key, several(element, 5)),
      command(oneOf("LPUSH", "RPUSH"), oneOf("l", "m"), several(element, 5)),
      command(oneOf("LPOP", "RPOP", "LLEN"), key),
      command(oneOf("LPOP", "RPOP"), key, index),
      command(oneOf("LRANGE", "LTRIM"), key, index, index),
      command("LINDEX", key, index),
      command("LSET", key, index, element),
      command("LINSERT", key, oneOf("BEFORE", "AFTER"), element, element),
      command("LREM", key, index, element),
      command("LPOS", key, element, some(["RANK", "-1"], ["RANK", "2"], ["COUNT", "0"], ["COUNT", "2"], ["MAXLEN", "3"])),
      command("LMOVE", key, key, side, side),
      command("RPOPLPUSH", key, key),
      command("LMPOP", "2", key, key, side, some(["COUNT", "2"])),
      command("COPY", key, key, some(["REPLACE"])),
      command("SET", "s", element),
    ],
    ["l", "m", "s"].flatMap((name) => [`LRANGE ${name} 0 -1`, `TYPE ${name}`, `OBJECT ENCODING ${name}`]),
  );
});
