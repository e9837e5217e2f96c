import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisPort } from "../client/index.ts";
import { connect } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { clients, defineLoosely, type Loose } from "./fixtures/index.ts";
import { call, defineScript, run, runBatch, type Script, type Type } from "./index.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

/** Answers its argument as it came: the first word of a scalar. */
const word = "if ARGV[1] == '' and ARGV[2] == 'nullable' then return false end return ARGV[1]";
/** Answers an array, without its length. */
const items = "local n, out = tonumber(ARGV[1]), {} for i = 1, n do out[i] = ARGV[i + 1] end return out";
/** Answers a hash as the flat list that HGETALL gives. */
const pairs = "local n, out = tonumber(ARGV[1]), {} for i = 1, n * 2 do out[i] = ARGV[i + 1] end return out";

/** A script of one argument `it`, which is also its reply. */
function echo(type: Type, lua: string): Script<Loose> {
  return defineLoosely({ name: "test.echo", keys: {}, args: { it: type }, reply: type, writes: "none", lua });
}

/** Bytes of any client are compared as plain ones. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

const text = fc.string({ unit: "binary", maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 });
const given: readonly [name: string, type: Type, lua: string, values: fc.Arbitrary<unknown>][] = [
  ["string", "string", word, text],
  ["bytes", "bytes", word, bytes],
  ["integer", "integer", word, fc.maxSafeInteger()],
  ["number", "number", word, fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)],
  ["bigint", "bigint", word, fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })],
  ["boolean", "boolean", word, fc.boolean()],
  // `-0` is written as `0`, in JSON as everywhere.
  ["json", "json", word, fc.json().map((json) => JSON.parse(json.replaceAll("-0", "0")))],
  ["duration", "duration", word, fc.nat()],
  ["instant", "instant", word, fc.maxSafeInteger()],
  ["array of text", { array: "string" }, items, fc.array(text)],
  ["array of bytes", { array: "bytes" }, items, fc.array(bytes)],
  ["array of numbers", { array: "number" }, items, fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.1 }))],
  ["hash of text", { hash: "string" }, pairs, fc.dictionary(text, text)],
  ["hash of bigints", { hash: "bigint" }, pairs, fc.dictionary(text, fc.bigInt())],
];

describe.each(clients)("over %s", (client) => {
  let redis: RedisPort;

  beforeAll(async () => {
    redis = await connect(server.url, { client });
  });
  afterAll(() => redis.close());

  test.each(given)("every %s comes back as it went", async (_name, type, lua, values) => {
    const script = echo(type, lua);
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 20 }), async (many) => {
        // Many in one batch, and the last alone: both ways in are the same.
        const outcomes = await runBatch(
          redis,
          many.map((it) => call(script, {}, { it })),
        );
        expect(outcomes.map((outcome) => (outcome.ok ? plain(outcome.value) : outcome.error))).toEqual(many.map(plain));
        expect(plain(await run(redis, script, {}, { it: many.at(-1) }))).toEqual(plain(many.at(-1)));
      }),
      { numRuns: 40 },
    );
  });

  test("text comes back from bytes, if asked for", async () => {
    const script = echo("bytes", word);
    await fc.assert(
      fc.asyncProperty(text, async (it) => {
        expect(await run(redis, script, {}, { it }, { text: true })).toBe(it);
      }),
      { numRuns: 50 },
    );
  });

  test("what is nullable comes back as null if it was missing, and as it is if not", async () => {
    const script = echo({ nullable: "integer" }, word.replace(" and ARGV[2] == 'nullable'", ""));
    expect(await run(redis, script, {}, { it: undefined })).toBeNull();
    expect(await run(redis, script, {}, { it: null })).toBeNull();
    expect(await run(redis, script, {}, { it: 0 })).toBe(0);
  });

  test("ten thousand items and a megabyte of bytes come back", async () => {
    const numbers = Array.from({ length: 10_000 }, (_, index) => index * 1.5);
    expect(await run(redis, echo({ array: "number" }, items), {}, { it: numbers })).toEqual(numbers);
    const large = new Uint8Array(2 ** 20).map((_, index) => index % 251);
    expect(Buffer.compare((await run(redis, echo("bytes", word), {}, { it: large })) as Uint8Array, large)).toBe(0);
  });

  test("a name of a field that means something to JavaScript is a field like others", async () => {
    const it = Object.fromEntries(["__proto__", "constructor", "toString", ""].map((name) => [name, "x"]));
    const back = (await run(redis, echo({ hash: "string" }, pairs), {}, { it })) as Record<string, string>;
    expect(Object.entries(back)).toEqual(Object.entries(it));
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  test("records, arrays in records and records in arrays come back, and what a table lost at its end is null", async () => {
    const script = defineScript({
      name: "test.rows",
      keys: {},
      args: { row: { rest: { record: { id: "string", size: "number", note: { nullable: "string" } } } } },
      reply: { array: { record: { id: "string", size: "number", tags: { array: "string" }, note: { nullable: "string" } } } },
      writes: "none",
      lua: `
        local rows = {}
        for i = 1, #ARGV, 3 do
          local note = ARGV[i + 2]
          if note == "" then note = nil end
          rows[#rows + 1] = { ARGV[i], ARGV[i + 1], { "a", "b" }, note }
        end
        return rows`,
    });
    const row = [
      { id: "a", size: 0.1 },
      { id: "", size: -2, note: "n\0" },
    ];
    const tags = ["a", "b"];
    expect(await run(redis, script, {}, { row })).toEqual(row.map((each) => ({ note: null, ...each, tags })));
    expect(await run(redis, script, {}, { row: [] })).toEqual([]);
  });
});
