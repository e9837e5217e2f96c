import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reply } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { asText, decoderOf, holdsBytes } from "./decode.ts";
import { clients, defineLoosely, type Loose, open, refusal } from "./fixtures/index.ts";
import { defineScript, type ReplyType, run, type Script, ScriptError } from "./index.ts";

/** What a reply is refused with. */
function refused(type: ReplyType, reply: Reply): string {
  try {
    decoderOf(type)(reply);
  } catch (error) {
    return String(error);
  }
  throw new Error("It was to be refused, and was not.");
}

const bytes = Buffer.from("7");

const scalars: Readonly<Record<string, { good: readonly [Reply, unknown][]; bad: readonly Reply[]; expects: string }>> = {
  string: {
    good: [
      ["a", "a"],
      [bytes, "7"],
      [7, "7"],
    ],
    bad: [null, []],
    expects: "text",
  },
  bytes: {
    good: [
      [bytes, bytes],
      ["é", Buffer.from("é")],
    ],
    bad: [null, 7, []],
    expects: "bytes",
  },
  integer: {
    good: [
      [7, 7],
      ["7", 7],
      [bytes, 7],
      [7n, 7],
    ],
    bad: [null, "", " ", "x", "1.5", 2 ** 53, "9007199254740993", []],
    expects: "a whole number up to 2^53 - 1",
  },
  number: {
    good: [
      [7, 7],
      ["0.1", 0.1],
      [bytes, 7],
    ],
    bad: [null, "", "\n", "x", "nan", "inf", []],
    expects: "a number",
  },
  bigint: {
    good: [
      [7, 7n],
      [7n, 7n],
      ["-18446744073709551616", -18446744073709551616n],
      [bytes, 7n],
    ],
    bad: [null, "", "1.5", "0x7", []],
    expects: "a whole number",
  },
  boolean: {
    good: [
      [1, true],
      [0, false],
      [null, false],
      ["1", true],
      [Buffer.from("0"), false],
    ],
    bad: [7, "", "  ", "true", []],
    expects: "true or false",
  },
  json: {
    good: [
      ["[1]", [1]],
      [bytes, 7],
      ["null", null],
    ],
    bad: [null, "", "{", 7],
    expects: "JSON",
  },
  duration: {
    good: [
      [7, 7],
      ["7", 7],
    ],
    bad: [null, " ", "1.5"],
    expects: "whole milliseconds",
  },
  instant: {
    good: [
      [7, 7],
      ["7", 7],
    ],
    bad: [null, " ", "2026-01-01"],
    expects: "whole milliseconds since 1970",
  },
};

describe.each(Object.entries(scalars))("%s", (type, { good, bad, expects }) => {
  test.each(good)("%o is read as %o", (reply, value) => {
    expect(decoderOf(type as ReplyType)(reply)).toEqual(value);
  });

  test.each(bad)("%o is not what was promised", (reply) => {
    expect(refused(type as ReplyType, reply)).toMatch(`its reply should be ${expects}, but is `);
  });
});

test("what is nullable is null, or what it is", () => {
  expect(decoderOf({ nullable: "integer" })(null)).toBeNull();
  expect(decoderOf({ nullable: "integer" })(0)).toBe(0);
  expect(refused({ nullable: "integer" }, "x")).toMatch("should be a whole number");
});

test("the path says where a reply is not what was promised", () => {
  const type: ReplyType = { record: { jobs: { array: { record: { id: "string", fields: { hash: "integer" } } } } } };
  const read = decoderOf(type);
  expect(read([[["a", ["n", 1]]]])).toEqual({ jobs: [{ id: "a", fields: { n: 1 } }] });
  expect(
    refused(type, [
      [
        ["a", []],
        ["b", ["n", "x"]],
      ],
    ]),
  ).toBe('reply.jobs[1].fields.n should be a whole number up to 2^53 - 1, but is "x"');
  expect(refused(type, [[["a", ["n"]]]])).toBe("reply.jobs[0].fields should be fields and values by turns, but is an array");
  expect(refused(type, [[7]])).toBe("reply.jobs[0] should be an array, but is 7");
  expect(refused(type, [null])).toBe("reply.jobs should be an array, but is null");
  expect(refused(type, [])).toBe("reply.jobs should be an array, but is null");
  expect(refused(type, "OK")).toBe('its reply should be an array, but is "OK"');
});

test("a record that is longer than promised is refused: what it says beyond would be lost", () => {
  expect(refused({ record: { a: "string" } }, ["1", "2"])).toBe("its reply should be an array of 1 at most, but is an array");
  expect(refused({ outcomes: { held: { ms: "integer" } } }, ["held", 1, 2])).toBe(
    "its reply should be an array of 2 at most, but is an array",
  );
});

describe("outcomes", () => {
  const type: ReplyType = { outcomes: { granted: { token: "bigint", note: { nullable: "string" } }, held: {} } };
  const read = decoderOf(type);

  test("are told apart by their first word, with their fields in order", () => {
    expect(read(["granted", "7", "n"])).toEqual({ outcome: "granted", token: 7n, note: "n" });
    expect(read([Buffer.from("held")])).toEqual({ outcome: "held" });
  });

  test("may lack what is nullable at their end, since a Lua table ends at its first nil", () => {
    expect(read(["granted", 7])).toEqual({ outcome: "granted", token: 7n, note: null });
    expect(refused(type, ["granted"])).toBe("reply.token should be a whole number, but is null");
  });

  test("are refused if the word is another, or there is none", () => {
    for (const reply of [["lost"], [], [7], "held", null, ["__proto__"]] as Reply[]) {
      expect(refused(type, reply)).toMatch('should be an array that begins with one of "granted", "held"');
    }
  });
});

test("a reply holds bytes if any part of it does, and none once they are asked for as text", () => {
  const types: readonly ReplyType[] = [
    "bytes",
    { nullable: "bytes" },
    { array: { hash: "bytes" } },
    { record: { a: "string", b: { array: "bytes" } } },
    { outcomes: { a: {}, b: { c: { nullable: { record: { d: "bytes" } } } } } },
  ];
  for (const type of types) {
    expect([holdsBytes(type), holdsBytes(asText(type))]).toEqual([true, false]);
  }
  for (const type of ["string", { array: "json" }, { outcomes: { a: {} } }] as ReplyType[]) expect(holdsBytes(type)).toBe(false);
});

describe("a script whose answer is not what it promised", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  const wrong = (writes: "none" | "once", lua: string): Script<Loose> =>
    defineLoosely({ name: "stock.read", keys: {}, args: {}, reply: { record: { left: "integer" } }, writes, lua });

  test.each(clients)("fails with SCRIPT_REPLY, the path and whether it may have written, over %s", async (client) => {
    const redis = await open(server.url, { client });
    const error = await refusal(run(redis, wrong("once", `return { "many" }`), {}, {}));
    expect(error).toBeInstanceOf(ScriptError);
    expect(error).toMatchObject({
      code: "SCRIPT_REPLY",
      script: "stock.read",
      applied: "maybe",
      message:
        'Script stock.read: reply.left should be a whole number up to 2^53 - 1, but is "many". Its code and its header disagree.',
    });
    expect(await refusal(run(redis, wrong("none", `return { string = 1 }`), {}, {}))).toMatchObject({
      code: "SCRIPT_REPLY",
      applied: "no",
    });
    expect(await refusal(run(redis, wrong("none", "local x = 1"), {}, {}))).toMatchObject({ code: "SCRIPT_REPLY" });
  });

  test.each(clients)("what Lua's own values become is read, over %s", async (client) => {
    const redis = await open(server.url, { client });
    const script = defineScript({
      name: "test.values",
      keys: {},
      args: {},
      reply: {
        record: {
          yes: "boolean",
          no: "boolean",
          cut: "integer",
          status: "string",
          miss: { nullable: "string" },
          last: "integer",
        },
      },
      writes: "none",
      lua: `return { true, false, 3.99, redis.status_reply("FINE"), redis.call("GET", "missing"), -1 }`,
    });
    expect(await run(redis, script, {}, {})).toEqual({ yes: true, no: false, cut: 3, status: "FINE", miss: null, last: -1 });
  });
});
