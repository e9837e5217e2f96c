import { afterAll, beforeAll, expect, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { stringCommands } from "../strings/index.ts";
import { hyperloglogCommands } from "./index.ts";

let both: Differential;
beforeAll(async () => {
  both = await Differential.start([...hyperloglogCommands, ...genericCommands, ...stringCommands]);
});
afterAll(() => both.stop());

const many = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `element-${from + at}`);
const header = (form: number): string => `HYLL${String.fromCharCode(form)}\0\0\0${"\0".repeat(8)}`;

test("specs are as COMMAND INFO tells them", () => both.agreeOnSpecs(hyperloglogCommands));

test.each<[string, Command[]]>([
  ["PFADD of nothing", ["PFADD h", "GET h", "PFCOUNT h", "GET h", "PFADD h", "PFADD"]],
  [
    "PFADD",
    [
      "PFADD h a",
      "GET h",
      "PFADD h a",
      "PFADD h a b c",
      "GET h",
      "PFCOUNT h",
      "GET h",
      "PFADD h a",
      "GET h",
      "PFADD h d",
      "GET h",
    ],
  ],
  [
    "elements of every length",
    [["PFADD", "h", "", ..."12345678901234567890".split("").map((_, at, all) => all.slice(0, at + 1).join(""))], "GET h"],
  ],
  ["elements of bytes", [["PFADD", "h", "\xff\xfe\x80\0", "\x80".repeat(8), "\xff".repeat(17), "\0\0\0"], "GET h", "PFCOUNT h"]],
  [
    "what OBJECT ENCODING tells",
    ["PFADD h", "OBJECT ENCODING h", "TYPE h", "STRLEN h", "PFDEBUG TODENSE h", "STRLEN h", "OBJECT ENCODING h"],
  ],
  ["a hundred elements", [["PFADD", "h", ...many(0, 100)], "GET h", "PFCOUNT h", "PFDEBUG DECODE h"]],
  ["one by one", [...many(0, 200).flatMap((each): Command[] => [["PFADD", "h", each]]), "GET h", "PFCOUNT h"]],
  [
    "sparse until it is too long",
    [
      ["PFADD", "h", ...many(0, 1000)],
      "PFDEBUG ENCODING h",
      "GET h",
      ["PFADD", "h", ...many(1000, 2500)],
      "PFDEBUG ENCODING h",
      "GET h",
      "PFCOUNT h",
      "GET h",
    ],
  ],
  ["dense", ["PFADD h a b", "PFCOUNT h", "PFDEBUG TODENSE h", "GET h", "PFADD h a", "PFADD h c", "GET h", "PFCOUNT h"]],
  ["twenty thousand elements", [["PFADD", "h", ...many(0, 20_000)], "PFCOUNT h", "GET h", "PFADD h element-7"]],
  [
    "PFCOUNT of several",
    [
      ["PFADD", "h", ...many(0, 50)],
      ["PFADD", "g", ...many(25, 90)],
      "PFCOUNT h g",
      "PFCOUNT h none",
      "PFCOUNT none",
      "PFCOUNT none nil",
    ],
  ],
  [
    "PFCOUNT of both forms",
    [["PFADD", "h", ...many(0, 50)], ["PFADD", "g", ...many(0, 5000)], "PFCOUNT h g", "PFCOUNT g", "PFCOUNT"],
  ],
  [
    "PFMERGE of sparse ones",
    [
      ["PFADD", "h", ...many(0, 50)],
      ["PFADD", "g", ...many(25, 90)],
      "PFMERGE d h g",
      "GET d",
      "PFCOUNT d",
      "PFDEBUG ENCODING d",
    ],
  ],
  [
    "PFMERGE of many sparse ones",
    [["PFADD", "h", ...many(0, 700)], ["PFADD", "g", ...many(700, 1600)], "PFMERGE d h g", "GET d", "PFDEBUG ENCODING d"],
  ],
  [
    "PFMERGE of a dense one",
    [["PFADD", "h", ...many(0, 50)], "PFADD g a", "PFDEBUG TODENSE g", "PFMERGE h g", "GET h", "PFMERGE d g h", "GET d"],
  ],
  [
    "PFMERGE of nothing",
    ["PFMERGE d", "GET d", "PFMERGE d none", "GET d", "PFADD h a", "PFMERGE h", "GET h", "PFMERGE e h h", "GET e", "PFMERGE"],
  ],
  [
    "wrong types",
    ["SET s abc", "PFADD s a", "PFCOUNT s", "PFMERGE s", "PFMERGE d s", "PFCOUNT d s", "EXISTS d", ["SET", "e", ""], "PFADD e a"],
  ],
  [
    "what only begins like one",
    [["SET", "s", "HYLL"], "PFADD s a", ["SET", "s", `${header(2)}\0`], "PFADD s a", ["SET", "s", header(0)], "PFCOUNT s"],
  ],
  ["a sparse one without registers", [["SET", "s", header(1)], "PFADD s a", "PFCOUNT s", "PFDEBUG DECODE s", "PFMERGE d s"]],
  [
    "a sparse one that is too short",
    [
      ["SET", "s", `${header(1).slice(0, 15)}\x80\x7f\xf0`],
      "PFCOUNT s",
      "PFMERGE d s",
      "PFDEBUG DECODE s",
      "PFDEBUG GETREG s",
      "PFCOUNT s s",
    ],
  ],
  [
    "one that was written back",
    ["PFADD h a b", "COPY h g", "PFADD g c", "PFCOUNT h", "PFCOUNT g", "GET g", "EXPIRE g 100", "PFADD g d", "TTL g"],
  ],
  ["appended garbage", ["PFADD h a", "APPEND h x", "PFCOUNT h", "PFADD h b", "PFADD h a"]],
  [
    "PFDEBUG",
    [
      "PFADD h a b",
      "PFDEBUG GETREG h",
      "PFDEBUG ENCODING h",
      "PFDEBUG DECODE h",
      "PFDEBUG FOO h",
      "PFDEBUG ENCODING none",
      "PFDEBUG ENCODING",
      "PFDEBUG ENCODING h x",
    ],
  ],
  ["PFDEBUG TODENSE", ["PFADD h a", "PFDEBUG TODENSE h", "PFDEBUG TODENSE h", "GET h", "SET s x", "PFDEBUG ENCODING s"]],
  ["PFSELFTEST", ["PFSELFTEST", "PFSELFTEST x"].slice(1)],
])("%s", async (_, commands) => {
  await both.agree(commands, { events: true });
  expect(commands.length).toBeGreaterThan(0);
});

test("a count that was kept is answered again until something is added", () =>
  both.agree([
    "PFADD h a b c",
    "PFCOUNT h",
    ["SETRANGE", "h", "8", "\x09\0\0\0\0\0\0\0"],
    "PFCOUNT h",
    "PFADD h a",
    "PFCOUNT h",
    "PFADD h z",
    "PFCOUNT h",
  ]));

test("random commands on HyperLogLogs are answered as Redis answers them, and leave the same bytes", async () => {
  const key = oneOf("h", "g", "d", "s");
  const element = oneOf(...many(0, 40));
  const batch = oneOf("0", "1", "2", "3").map((from) => many(Number(from) * 400, Number(from) * 400 + 600));
  await agreeAtRandom(
    both,
    [
      command("PFADD", key, several(element, 6)),
      command("PFADD", oneOf("h", "g"), several(element, 6)),
      command("PFADD", oneOf("h", "g"), batch),
      command("PFCOUNT", several(key, 3)),
      command("PFMERGE", several(key, 3)),
      command("PFDEBUG", oneOf("ENCODING", "TODENSE", "DECODE"), key),
      command("GET", key),
      command("DEL", key),
      command("SET", "s", oneOf("", "HYLL", "x")),
    ],
    ["h", "g", "d", "s"].flatMap((name) => [`GET ${name}`, `OBJECT ENCODING ${name}`]),
  );
});
