import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, Differential } from "../../fixtures/index.ts";
import { bitmapCommands } from "../bitmaps/index.ts";
import { stringCommands } from "../strings/index.ts";
import { genericCommands } from "./index.ts";

const numRuns = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300);
const seed = process.env["REDLUA_FUZZ_SEED"] === undefined ? {} : { seed: Number(process.env["REDLUA_FUZZ_SEED"]) };
const keys = ["a", "b", "c"];

const key = fc.constantFrom(...keys);
const value = fc.constantFrom(
  "",
  "1",
  "0",
  "-1",
  "10",
  "3.5",
  "abc",
  "\x00\xff",
  "9223372036854775807",
  "1e3",
  "x".repeat(45),
  "  ",
  "01",
);
const small = fc.constantFrom("0", "1", "-1", "2", "-3", "7", "8", "40", "x");
const increment = fc.constantFrom(
  "1",
  "-1",
  "5",
  "0.1",
  "-0.3",
  "1e17",
  "9223372036854775807",
  "-9223372036854775808",
  "inf",
  "1.5",
  "x",
);
const far = fc.constantFrom("100", "100000", "0", "-1", "x");
const at = fc.constantFrom("1", "99999999999", "99999999998");
const unit = fc.constantFrom("bit", "BYTE", "foo");
const field = fc.constantFrom("u8", "i8", "u1", "i64", "u63", "i5", "u64");
const offset = fc.constantFrom("0", "3", "#1", "#2", "17", "-1");
const overflow = fc.constantFrom("wrap", "sat", "fail");
const pattern = fc.stringMatching(/^[ab?*[\]^\\-]{0,6}$/);

/** A command of words and choices, some of them lists of words. */
function command(...parts: (string | fc.Arbitrary<string | readonly string[]>)[]): fc.Arbitrary<readonly string[]> {
  return fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((words) => words.flat());
}

function some(...options: (readonly string[])[]): fc.Arbitrary<readonly string[]> {
  return fc.subarray(options, { maxLength: 3 }).map((chosen) => chosen.flat());
}

const commands: fc.Arbitrary<readonly string[]> = fc.oneof(
  command("SET", key, value),
  command("SET", key, value, some(["NX"], ["XX"], ["GET"], ["KEEPTTL"], ["EX", "100"], ["PX", "0"], ["EXAT", "99999999999"])),
  command(fc.constantFrom("GET", "GETDEL", "STRLEN", "INCR", "DECR", "TYPE", "TTL", "PERSIST", "EXPIRETIME"), key),
  command("GETEX", key, some(["EX", "100"], ["PERSIST"], ["PXAT", "1"])),
  command(fc.constantFrom("GETSET", "SETNX", "APPEND"), key, value),
  command(fc.constantFrom("SETEX", "PSETEX"), key, far, value),
  command(fc.constantFrom("MSET", "MSETNX"), key, value, key, value),
  command(fc.constantFrom("MGET", "DEL", "UNLINK", "EXISTS", "TOUCH", "RENAME", "RENAMENX", "COPY", "LCS"), key, key),
  command("COPY", key, key, some(["REPLACE"], ["DB", "1"], ["DB", "0"])),
  command("SETRANGE", key, small, value),
  command(fc.constantFrom("GETRANGE", "SUBSTR", "BITCOUNT"), key, small, small),
  command(fc.constantFrom("INCRBY", "DECRBY", "INCRBYFLOAT"), key, increment),
  command("LCS", key, key, some(["IDX"], ["LEN"], ["MINMATCHLEN", "2"], ["WITHMATCHLEN"])),
  command("SETBIT", key, small, fc.constantFrom("0", "1")),
  command("GETBIT", key, small),
  command("BITCOUNT", key, small, small, unit),
  command("BITPOS", key, fc.constantFrom("0", "1"), small),
  command("BITPOS", key, fc.constantFrom("0", "1"), small, small),
  command("BITPOS", key, fc.constantFrom("0", "1"), small, small, unit),
  command("BITOP", fc.constantFrom("AND", "OR", "XOR", "NOT"), key, key),
  command("BITOP", fc.constantFrom("AND", "OR", "XOR"), key, key, key),
  command("BITFIELD", key, "GET", field, offset, "OVERFLOW", overflow, "INCRBY", field, offset, increment),
  command("BITFIELD", key, "OVERFLOW", overflow, "SET", field, offset, increment, "GET", field, offset),
  command("EXPIRE", key, far, some(["NX"], ["XX"], ["GT"], ["LT"])),
  command("EXPIREAT", key, at, some(["NX"], ["XX"], ["GT"], ["LT"])),
  command("MOVE", key, fc.constantFrom("0", "1")),
  command("SWAPDB", "0", "1"),
  command("SELECT", fc.constantFrom("0", "1")),
  command("KEYS", pattern),
  command("OBJECT", "ENCODING", key),
  command("MEMORY", "USAGE", key),
);

/** Looks at everything there is. */
const inspection: readonly Command[] = ["0", "1"].flatMap((database): Command[] => [
  ["SELECT", database],
  "DBSIZE",
  ...keys.flatMap((name) => [`GET ${name}`, `TYPE ${name}`, `OBJECT ENCODING ${name}`, `TTL ${name}`, `EXPIRETIME ${name}`]),
]);

let redis: Differential;
beforeAll(async () => {
  redis = await Differential.start([...stringCommands, ...bitmapCommands, ...genericCommands]);
});
afterAll(() => redis.stop());

/** Times from now, and what is left until a given one, may be a second apart, and the room that a string has to grow depends on how it was built. */
function normalize(reply: unknown, args: readonly string[]): unknown {
  const name = (args[0] as string).toLowerCase();
  if (typeof reply === "number" && reply > 0 && (name === "memory" || (name === "expiretime" && reply < 9_999_999_999)))
    return "some";
  return name === "ttl" && typeof reply === "number" && reply > 1_000_000 ? "long" : reply;
}

test("random commands on strings and keys are answered as Redis answers them", async () => {
  const sequence = fc.array(commands, { minLength: 1, maxLength: 30, size: "max" });
  await fc.assert(
    fc.asyncProperty(sequence, (list) => redis.agree([...list, ...inspection], { normalize })),
    { numRuns, ...seed },
  );
});

test("random commands on strings and keys cause the events that they cause in Redis", async () => {
  const sequence = fc.array(commands, { minLength: 1, maxLength: 30, size: "max" });
  await fc.assert(
    fc.asyncProperty(sequence, (list) => redis.agree(list, { normalize, events: true })),
    { numRuns: Math.ceil(numRuns / 6), ...seed },
  );
});

test("keys match random patterns as they do in Redis", async () => {
  const texts = fc.uniqueArray(fc.stringMatching(/^[ab\-\]^[\\]{0,4}$/), { minLength: 1, maxLength: 6 });
  const patterns = fc.array(pattern, { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(texts, patterns, async (names, list) => {
      expect(names.length).toBeGreaterThan(0);
      await redis.agree([...names.map((name) => ["SET", name, "1"]), ...list.map((glob) => ["KEYS", glob])]);
    }),
    { numRuns, ...seed },
  );
});

test("random sums are counted in the long doubles of Redis", async () => {
  const digits = fc.stringMatching(/^-?[0-9]{1,22}(\.[0-9]{1,24})?(e-?[0-9]{1,2})?$/);
  await fc.assert(
    fc.asyncProperty(fc.array(digits, { minLength: 20, maxLength: 20 }), (list) =>
      redis.agree(list.flatMap((number, at) => (at % 5 === 0 ? [["SET", "k", number]] : [["INCRBYFLOAT", "k", number]]))),
    ),
    { numRuns, ...seed },
  );
});
