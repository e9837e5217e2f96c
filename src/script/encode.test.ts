import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InvalidInputError } from "../core/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { encoderOf } from "./encode.ts";
import { calls, open, refusal, witness } from "./fixtures/index.ts";
import { type ArgType, defineScript, run } from "./index.ts";

/** The words of one argument `it`. */
function words(type: ArgType, value: unknown): readonly unknown[] {
  const written: (string | Uint8Array)[] = [];
  encoderOf("stock.swap", { it: type })(written, { it: value });
  return written;
}

/** What an argument `it` is refused with. */
function refused(type: ArgType, value: unknown): string {
  try {
    words(type, value);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as Error).message;
  }
  throw new Error("It was to be refused, and was not.");
}

const loop: { self?: unknown } = {};
loop.self = loop;

const scalars: Readonly<Record<string, { good: readonly [unknown, unknown][]; bad: readonly unknown[]; expects: string }>> = {
  string: {
    good: [
      ["", ""],
      ["a\0é", "a\0é"],
    ],
    bad: [undefined, null, 1, true, new Uint8Array(1), {}, []],
    expects: "text",
  },
  bytes: {
    good: [
      ["", ""],
      [new Uint8Array([0, 255]), new Uint8Array([0, 255])],
    ],
    bad: [undefined, null, 1, [0], new ArrayBuffer(1)],
    expects: "bytes or text",
  },
  integer: {
    good: [
      [0, "0"],
      [-0, "0"],
      [-7, "-7"],
      [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ],
    bad: [undefined, null, "1", 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1n],
    expects: "a whole number up to 2^53 - 1",
  },
  number: {
    good: [
      [0.1, "0.1"],
      [-1e-300, "-1e-300"],
      [1e21, "1e+21"],
    ],
    bad: [undefined, null, "1", Number.NaN, Number.NEGATIVE_INFINITY, 1n],
    expects: "a finite number",
  },
  bigint: {
    good: [
      [2n ** 64n, "18446744073709551616"],
      [-1n, "-1"],
    ],
    bad: [undefined, null, 1, "1"],
    expects: "a bigint",
  },
  boolean: {
    good: [
      [true, "1"],
      [false, "0"],
    ],
    bad: [undefined, null, 0, "true"],
    expects: "true or false",
  },
  json: {
    good: [
      [null, "null"],
      [{ a: [1] }, '{"a":[1]}'],
      ["", '""'],
    ],
    bad: [undefined, () => 1, Symbol("s"), 1n, loop],
    expects: "something that JSON can hold",
  },
  duration: {
    good: [
      [0, "0"],
      ["1.5s", "1500"],
      [0.2, "1"],
    ],
    bad: [undefined, null, -1, "1", "1y", Number.NaN, Number.POSITIVE_INFINITY, 1e20],
    expects: 'a duration such as 1500 or "30s"',
  },
  instant: {
    good: [
      [0, "0"],
      [new Date(5), "5"],
      [-1, "-1"],
    ],
    bad: [undefined, null, "2026-01-01", 1.5, new Date(Number.NaN)],
    expects: "a Date or whole milliseconds since 1970",
  },
};

describe.each(Object.entries(scalars))("%s", (type, { good, bad, expects }) => {
  test.each(good)("%o becomes the word %o", (value, word) => {
    expect(words(type as ArgType, value)).toEqual([word]);
  });

  test.each(bad)("%o is refused", (value) => {
    expect(refused(type as ArgType, value)).toMatch(`stock.swap: it must be ${expects}, not `);
  });
});

describe("what is nullable", () => {
  test("is the empty word if it is missing", () => {
    for (const missing of [undefined, null]) expect(words({ nullable: "integer" }, missing)).toEqual([""]);
  });

  test("cannot be empty text or empty bytes, which could not be told from missing", () => {
    expect(refused({ nullable: "string" }, "")).toBe('stock.swap: it must be something, or left out, not "".');
    expect(refused({ nullable: "bytes" }, new Uint8Array())).toMatch("it must be something, or left out");
    expect(words({ nullable: { array: "string" } }, [])).toEqual(["0"]);
    expect(words({ nullable: "json" }, "")).toEqual(['""']);
  });

  test("is checked as what it is if it is there", () => {
    expect(words({ nullable: "integer" }, 0)).toEqual(["0"]);
    expect(refused({ nullable: "integer" }, "0")).toMatch("it must be a whole number");
  });
});

test("an array is its length and then its items, also inside an array", () => {
  expect(words({ array: "string" }, [])).toEqual(["0"]);
  expect(words({ array: { array: "integer" } }, [[1, 2], []])).toEqual(["2", "2", "1", "2", "0"]);
});

test("what is left over has no length before it", () => {
  expect(words({ rest: "string" }, ["a", "b"])).toEqual(["a", "b"]);
  expect(words({ rest: { record: { id: "string", at: { nullable: "instant" } } } }, [{ id: "a" }])).toEqual(["a", ""]);
});

test("a hash is its number of pairs, then fields and values", () => {
  expect(words({ hash: "integer" }, { b: 1, a: 2 })).toEqual(["2", "b", "1", "a", "2"]);
  expect(words({ hash: "integer" }, Object.create(null))).toEqual(["0"]);
});

test("a record is its fields in the order of the schema, whatever else the object has", () => {
  expect(words({ record: { a: "string", b: "string" } }, { b: "2", c: "3", a: "1" })).toEqual(["1", "2"]);
});

test("what has no fields of its own is no hash: it would be sent as nothing", () => {
  for (const value of [new Map([["a", 1]]), new Set(["a"]), ["a"], new Uint8Array(1), null, "a"]) {
    expect(refused({ hash: "integer" }, value)).toMatch("stock.swap: it must be an object of fields, not ");
  }
});

test("what is no array, and what is no object, is refused as such", () => {
  expect(refused({ array: "string" }, "abc")).toBe('stock.swap: it must be an array, not "abc".');
  expect(refused({ rest: "string" }, { length: 1 })).toBe("stock.swap: it must be an array, not an object (Object).");
  expect(refused({ record: { id: "string", n: "integer" } }, 1)).toBe("stock.swap: it must be an object with id, n, not 1.");
});

test("the message names the path to what does not fit, and the field is the same path", () => {
  const type: ArgType = { rest: { record: { id: "string", tags: { hash: { array: "integer" } } } } };
  const good = { id: "a", tags: {} };
  const bad = { id: "b", tags: { size: [1, 2, "3"] } };
  expect(refused(type, [good, good, good, bad])).toBe(
    'stock.swap: it[3].tags.size[2] must be a whole number up to 2^53 - 1, not "3".',
  );
  expect(refused(type, [good, { tags: {} }])).toBe("stock.swap: it[1].id must be text, not undefined.");
  expect(refused(type, [undefined, good])).toBe("stock.swap: it[0] must be an object with id, tags, not undefined.");
  const attempt = (): void => encoderOf("stock.swap", { it: type })([], { it: [bad] });
  expect(attempt).toThrow(expect.objectContaining({ code: "INPUT_INVALID", field: "stock.swap: it[0].tags.size[2]" }));
});

describe("a name that is not known", () => {
  const encode = encoderOf("lock.acquire", { owner: "string", ttlMs: { nullable: "duration" } });

  test("is refused with the right one, in place of a required one, beside all, and in place of one that may be left out", () => {
    const known = { owner: "a" };
    for (const given of [
      { ttlMs: 1, onwer: "a" },
      { ...known, ttlMs: 1, onwer: "a" },
    ]) {
      expect(() => encode([], given)).toThrow('lock.acquire has no option "onwer". Did you mean "owner"?');
    }
    expect(() => encode([], { ...known, ttlms: 1 })).toThrow('Did you mean "ttlMs"?');
  });

  test("lists what there is if nothing is near", () => {
    expect(() => encode([], { owner: "a", colour: 1 })).toThrow("It has: owner, ttlMs.");
  });

  test("is not one that is there and undefined", () => {
    const written: string[] = [];
    encode(written, { owner: "a", ttlMs: undefined });
    expect(written).toEqual(["a", ""]);
  });
});

test("arguments that are no object at all are refused", () => {
  for (const given of [undefined, null, "a"]) {
    expect(() => encoderOf("a.b", { c: "string" })([], given as never)).toThrow("a.b: the arguments must be an object, not ");
  }
});

describe("nothing is sent", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  test("when an argument, a key or an option does not fit", async () => {
    const script = defineScript({
      name: "stock.put",
      keys: { stock: "string" },
      args: { count: "integer" },
      reply: "integer",
      writes: "once",
      lua: `redis.call("SET", KEYS[1], ARGV[1]) return 1`,
    });
    const redis = await open(server.url);
    const look = witness(server);
    await look.config("RESETSTAT");
    const bad = [
      run(redis, script, { stock: "a" }, { count: 1.5 }),
      run(redis, script, { stock: "a" }, { count: 1, cuont: 2 } as never),
      run(redis, script, { stock: "" }, { count: 1 }),
      run(redis, script, { stokc: "a" } as never, { count: 1 }),
      run(redis, script, undefined as never, { count: 1 }),
      run(redis, script, { stock: "a" }, { count: 1 }, { timeout: "soon" as never }),
      run(redis, script, { stock: "a" }, { count: 1 }, { timout: "1s" } as never),
    ];
    for (const attempt of bad) expect(await refusal(attempt)).toBeInstanceOf(InvalidInputError);
    expect(await calls(look)).toEqual({});
    expect(await run(redis, script, { stock: "a" }, { count: 1 })).toBe(1);
    expect(await calls(look)).toMatchObject({ set: 1 });
    await look.flushall();
  });
});

test("an argument may be called as what every object has: left out, it is left out", () => {
  const note = { nullable: "string" } as const;
  const encode = encoderOf("stock.swap", { constructor: note, valueOf: note, row: { record: { toString: note } } });
  const written: (string | Uint8Array)[] = [];
  encode(written, { valueOf: "a", row: {} });
  encode(written, { constructor: "b", row: { toString: "c" } });
  expect(written).toEqual(["", "a", "", "b", "", "c"]);
  expect(() => encode([], { row: {}, valueof: "a" })).toThrow('stock.swap has no option "valueof". Did you mean "valueOf"?');
  expect(() => encoderOf("stock.swap", { toString: "string" as const })([], {})).toThrow("toString must be text, not undefined.");
});
