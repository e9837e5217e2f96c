import calculateSlot from "cluster-key-slot";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Arg } from "../client/index.ts";
import { InvalidInputError } from "../core/index.ts";
import { hashTag, type KeyType, ScriptError } from "./index.ts";
import { keyEncoderOf } from "./keys.ts";

function words(types: { readonly [name: string]: KeyType }, given: object, prefix = ""): readonly string[] {
  const written: string[] = [];
  keyEncoderOf("jobs.step", types)(written as Arg[], prefix, given as Readonly<Record<string, unknown>>);
  return written;
}

test("keys are in the order of the schema, each behind the prefix and a colon", () => {
  const types = { ready: "zset", job: { prefix: "hash" }, more: { rest: "any" } } as const;
  const given = { more: ["{q}:a", "{q}:b"], job: "{q}:job:", ready: "{q}:ready" };
  expect(words(types, given)).toEqual(["{q}:ready", "{q}:job:", "{q}:a", "{q}:b"]);
  expect(words(types, { ...given, more: [] }, "shop")).toEqual(["shop:{q}:ready", "shop:{q}:job:"]);
});

test("keys that cannot change are looked at once, each prefix apart; all others in every call", () => {
  const encode = keyEncoderOf("jobs.step", { a: "any", all: { rest: "any" } });
  const encodeOne = keyEncoderOf("jobs.step", { a: "any" });
  const told = (given: object, prefix = ""): readonly Arg[] => {
    const written: Arg[] = ["EVALSHA"];
    ("all" in given ? encode : encodeOne)(written, prefix, given as Readonly<Record<string, unknown>>);
    return written.slice(1);
  };
  const frozen = Object.freeze({ a: "{q}:a" });
  for (const prefix of ["", "", "shop", "shop", ""])
    expect(told(frozen, prefix)).toEqual([prefix === "" ? "{q}:a" : "shop:{q}:a"]);

  const open = { a: "x" };
  const list = ["{q}:b"];
  let count = 0;
  const counting = Object.freeze({
    get a() {
      return `${++count}`;
    },
  });
  const inheriting = Object.freeze(Object.create(open) as object);
  const listing = Object.freeze({ a: "{q}:a", all: list });
  const all = (): unknown => [open, counting, inheriting, listing].map((given) => told(given));
  expect(all()).toEqual([["x"], ["1"], ["x"], ["{q}:a", "{q}:b"]]);
  open.a = "y";
  list[0] = "{q}:c";
  expect(all()).toEqual([["y"], ["2"], ["y"], ["{q}:a", "{q}:c"]]);
});

describe("refused before anything is sent", () => {
  const bad: readonly [given: object, message: string][] = [
    [{ ready: "" }, 'jobs.step: key ready must be text that is not empty, not "".'],
    [{ ready: 7 }, "jobs.step: key ready must be text that is not empty, not 7."],
    [{}, "jobs.step: key ready must be text that is not empty, not undefined."],
    [{ ready: "a\ud800" }, 'jobs.step: key ready must be text without half a surrogate pair, not "a\\ud800".'],
    [{ raedy: "a" }, 'jobs.step has no option "raedy". Did you mean "ready"?'],
    [{ ready: "a", redy: "b" }, 'jobs.step has no option "redy". Did you mean "ready"?'],
  ];

  test.each(bad)("%j", (given, message) => {
    expect(() => words({ ready: "zset" }, given)).toThrow(InvalidInputError);
    expect(() => words({ ready: "zset" }, given)).toThrow(message);
  });

  test("one of many keys, by its place", () => {
    expect(() => words({ all: { rest: "any" } }, { all: ["a", ""] })).toThrow(
      'key all[1] must be text that is not empty, not "".',
    );
    expect(() => words({ all: { rest: "any" } }, { all: ["a", "\udc00"] })).toThrow("key all[1] must be text without half");
    expect(() => words({ all: { rest: "any" } }, { all: "abc" })).toThrow('key all must be an array of keys, not "abc".');
  });
});

test("a prefix of keys needs a hash tag, or the keys made from it would be in many slots", () => {
  for (const key of ["job:", "job:{}:", "job:{q:"]) {
    expect(() => words({ job: { prefix: "hash" } }, { job: key })).toThrow(
      expect.objectContaining({
        code: "SCRIPT_KEYS",
        applied: "no",
        message: expect.stringMatching(/prefix "job" has no hash tag/),
      }),
    );
  }
  expect(words({ job: { prefix: "hash" } }, { job: "job:" }, "{shop}")).toEqual(["{shop}:job:"]);
});

test("keys of different slots are refused, also where there is no cluster, and after the prefix is there", () => {
  const two = { a: "string", b: "string" } as const;
  const given = { a: "stock:1", b: "stock:2" };
  expect(() => words(two, given)).toThrow(ScriptError);
  expect(() => words(two, given)).toThrow(
    'Script jobs.step: keys "stock:1" and "stock:2" lie in different slots, so a cluster would refuse them. Give both the same {hash tag}.',
  );
  expect(words(two, given, "{shop}")).toEqual(["{shop}:stock:1", "{shop}:stock:2"]);
  // A prefix with half a tag makes another tag of the key's own.
  expect(() => words(two, { a: "{q}:1", b: "{q}:2" }, "x{1}")).not.toThrow();
  expect(words(two, { a: "same", b: "same" })).toEqual(["same", "same"]);
});

test("a hash tag is what Redis takes for one", () => {
  const key = fc.array(fc.constantFrom("{", "}", "a", "b"), { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(key, (text) => {
      const tag = hashTag(text);
      if (tag !== undefined) expect(calculateSlot(text)).toBe(calculateSlot(tag));
      // What has none is hashed whole: so it is where it would be if it were the tag of another key.
      else if (text !== "" && !text.includes("}")) expect(calculateSlot(text)).toBe(calculateSlot(`{${text}}`));
    }),
    { numRuns: 500 },
  );
});
