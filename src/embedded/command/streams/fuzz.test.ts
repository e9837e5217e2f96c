import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Differential } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { timeless } from "./fixtures/index.ts";
import { streamCommands } from "./index.ts";

const key = fc.constantFrom("s", "t");
const group = fc.constantFrom("g", "h");
const consumer = fc.constantFrom("a", "b", "c");
const id = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 3 })).map(([ms, seq]) => `${ms}-${seq}`);
const anyId = fc.oneof(
  { weight: 10, arbitrary: id },
  { weight: 1, arbitrary: fc.constantFrom("0", "3", "18446744073709551615", "18446744073709551615-18446744073709551615", "x") },
);
const edge = fc.oneof(
  anyId,
  fc.constantFrom("-", "+"),
  anyId.map((text) => `(${text}`),
);
const few = fc.integer({ min: -1, max: 4 }).map(String);
const count = fc.option(few).map((limit) => (limit === null ? [] : ["COUNT", limit]));
const mark = fc.constantFrom<string[]>([], ["~"], ["="]);
const trim = fc.oneof(
  fc.tuple(mark, few).map(([how, length]) => ["MAXLEN", ...how, length]),
  fc.tuple(mark, anyId).map(([how, least]) => ["MINID", ...how, least]),
);
const items = fc.constantFrom(["n", "1"], ["n", "2"], ["m", "x"], ["n", "1", "m", "2"], ["n", ""]);
const newId = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })).map(([ms, seq]) => `${ms}-${seq}`),
  fc.constantFrom("1-*", "3-*", "6-*"),
);
const idle = fc.constantFrom("0", "100000");
const flag = (name: string): fc.Arbitrary<string[]> => fc.constantFrom<string[]>([], [], [name]);

const command: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, newId, items).map(([k, i, what]) => ["XADD", k, i, ...what]) },
  { weight: 1, arbitrary: fc.tuple(key, trim, newId, items).map(([k, how, i, what]) => ["XADD", k, ...how, i, ...what]) },
  { weight: 1, arbitrary: fc.tuple(key, trim).map(([k, how]) => ["XTRIM", k, ...how]) },
  { weight: 2, arbitrary: fc.tuple(key, anyId, id).map(([k, ...ids]) => ["XDEL", k, ...ids]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("XRANGE", "XREVRANGE"), key, edge, edge, count)
      .map(([n, k, a, b, c]) => [n, k, a, b, ...c]),
  },
  { weight: 1, arbitrary: fc.tuple(count, anyId, anyId).map(([c, a, b]) => ["XREAD", ...c, "STREAMS", "s", "t", a, b]) },
  {
    weight: 1,
    arbitrary: fc.tuple(key, id, few, id).map(([k, i, n, d]) => ["XSETID", k, i, "ENTRIESADDED", n, "MAXDELETEDID", d]),
  },
  { weight: 1, arbitrary: fc.tuple(key, id).map(([k, i]) => ["XSETID", k, i]) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(key, group, fc.oneof(id, fc.constant("$")), flag("MKSTREAM"))
      .map(([k, g, i, f]) => ["XGROUP", "CREATE", k, g, i, ...f]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, group, anyId, few).map(([k, g, i, n]) => ["XGROUP", "SETID", k, g, i, "ENTRIESREAD", n]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("CREATECONSUMER", "DELCONSUMER"), key, group, consumer).map((all) => ["XGROUP", ...all]),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(group, consumer, count, flag("NOACK"), key, fc.oneof({ weight: 3, arbitrary: fc.constant(">") }, anyId))
      .map(([g, c, n, f, k, i]) => ["XREADGROUP", "GROUP", g, c, ...n, ...f, "STREAMS", k, i]),
  },
  { weight: 1, arbitrary: fc.tuple(key, group, anyId, id).map(([k, g, ...ids]) => ["XACK", k, g, ...ids]) },
  { weight: 1, arbitrary: fc.tuple(key, group).map(([k, g]) => ["XPENDING", k, g]) },
  { weight: 1, arbitrary: fc.tuple(key, group, edge, edge, few).map(([k, g, ...range]) => ["XPENDING", k, g, ...range]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, group, consumer, idle, anyId, id, flag("FORCE"), flag("JUSTID"), fc.option(few))
      .map(([k, g, c, t, a, b, f, j, n]) => ["XCLAIM", k, g, c, t, a, b, ...f, ...j, ...(n === null ? [] : ["RETRYCOUNT", n])]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(key, group, consumer, id, id)
      .map(([k, g, c, i, l]) => ["XCLAIM", k, g, c, "0", i, "IDLE", "200000", "LASTID", l]),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(key, group, consumer, idle, edge, count).map(([k, g, c, t, i, n]) => ["XAUTOCLAIM", k, g, c, t, i, ...n]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(["DEL", "s"], ["COPY", "s", "t"], ["COPY", "t", "s", "REPLACE"], ["XINFO", "GROUPS", "s"]),
  },
);

const state: readonly string[][] = ["s", "t"].flatMap((name) => [
  ["XINFO", "STREAM", name],
  ["XINFO", "STREAM", name, "FULL", "COUNT", "0"],
  ["XREVRANGE", name, "+", "-"],
  ["XINFO", "GROUPS", name],
  ["XPENDING", name, "g"],
]);

describe("any stream commands", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...streamCommands, ...genericCommands]);
  });
  afterAll(() => redis.stop());

  test("are answered as Redis answers them, and leave the same behind", async () => {
    const seed = process.env["REDLUA_FUZZ_SEED"];
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 30, maxLength: 30 }), fc.constantFrom<2 | 3>(2, 3), (sequence, resp) =>
        redis.agree([["XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"], ...sequence, ...state], { normalize: timeless, resp }),
      ),
      { numRuns: Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  }, 600_000);
});
