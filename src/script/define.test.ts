import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../core/index.ts";
import { defineLoosely } from "./fixtures/index.ts";
import type { ScriptSource } from "./index.ts";

const good: ScriptSource = {
  name: "stock.swap",
  keys: { stock: "string", log: { rest: "list" } },
  args: { expect: "string", row: { rest: { record: { id: "string", note: { nullable: "bytes" } } } } },
  reply: { outcomes: { swapped: {}, differs: { current: { nullable: { array: { hash: "json" } } } } } },
  writes: "once",
  lua: "return { 'swapped' }",
};

test("a script has the SHA-1 that Redis gives its source, and cannot be changed", () => {
  const script = defineLoosely(good);
  expect(script.sha).toBe(createHash("sha1").update(good.lua).digest("hex"));
  expect(() => Object.assign(script, { lua: "" })).toThrow(TypeError);
  expect(() => Object.assign(script.schema, { writes: "none" })).toThrow(TypeError);
});

describe("a definition that cannot be meant is refused, by the name of its part", () => {
  const bad: readonly [change: object, message: string][] = [
    [{ name: "" }, 'defineScript: name must be text such as stock.swap, not "".'],
    [{ lua: " \n" }, 'stock.swap: lua must be the source of the script, not " \\n".'],
    [{ writes: "twice" }, 'stock.swap: writes must be one of none, idempotent, once, not "twice".'],
    [{ writes: "onse" }, 'not "onse". Did you mean "once"?'],
    [{ keys: ["string"] }, "stock.swap: keys must be an object of names and types, not an array."],
    [{ writes: "onec" }, 'not "onec". Did you mean "once"?'],
    [{ keys: undefined, key: {} }, 'defineScript has no option "key". Did you mean "keys"?'],
    [{ keys: undefined }, "stock.swap: keys must be an object of names and types, not undefined."],
    [
      { keys: { stock: "strin" } },
      'stock.swap: keys.stock must be one of string, hash, list, set, zset, stream, any, not "strin". Did you mean "string"?',
    ],
    [{ keys: { stock: { prefix: "hsh" } } }, 'not "hsh". Did you mean "hash"?'],
    [{ keys: { all: { rest: "hash" }, one: "hash" } }, "stock.swap: keys.all must be the last: it takes all that is left"],
    [{ args: { all: { rest: "string" }, one: "string" } }, "stock.swap: args.all must be the last: it takes all that is left"],
    [{ args: { ["__proto__"]: "string" } }, 'stock.swap: args.__proto__ must be named as a variable is, not "__proto__".'],
    [{ args: { 1: "string" } }, 'stock.swap: args.1 must be named as a variable is, not "1".'],
    [{ args: { a: "int" } }, "stock.swap: args.a must be one of string, bytes, integer"],
    [
      { args: { a: { array: "interger" } } },
      'stock.swap: args.a.array must be one of string, bytes, integer, number, bigint, boolean, json, duration, instant, not "interger". Did you mean "integer"?',
    ],
    [{ args: { a: { list: "string" } } }, "stock.swap: args.a must be a type: "],
    [{ args: { a: { array: "string", nullable: "string" } } }, "stock.swap: args.a must be a type: "],
    [{ args: { a: { nullable: { nullable: "string" } } } }, "stock.swap: args.a must be nullable once"],
    [{ args: { a: { record: { b: undefined } } } }, "stock.swap: args.a.b must be one of string, bytes"],
    [{ args: { a: { record: ["string"] } } }, "stock.swap: args.a must be an object of names and types"],
    [{ reply: undefined }, "stock.swap: reply must be one of string, bytes"],
    [{ reply: { outcomes: {} } }, "stock.swap: reply must be one outcome or more"],
    [{ reply: { outcomes: { held: { ms: "duratoin" } } } }, 'stock.swap: reply "held".ms must be one of'],
    [{ reply: { outcomes: { held: { outcome: "string" } } } }, 'stock.swap: reply "held" must be without a field "outcome"'],
  ];

  test.each(bad)("%j", (change, message) => {
    const attempt = (): unknown => defineLoosely({ ...good, ...change });
    expect(attempt).toThrow(InvalidInputError);
    expect(attempt).toThrow(message);
  });
});
