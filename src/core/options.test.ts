import { expect, test } from "vitest";
import { InvalidInputError } from "./errors.ts";
import {
  accept,
  boolean,
  callable,
  duration,
  type Field,
  integer,
  nearest,
  number,
  oneOf,
  readOptions,
  required,
  text,
  withDefault,
} from "./options.ts";

const spec = {
  lease: withDefault(duration({ min: 10 }), "30s"),
  wait: duration(),
  retries: withDefault(integer({ min: 0, max: 10 }), 3),
  name: required(text({ max: 5 })),
};

test("what is given is read, what is not gets its default", () => {
  expect(readOptions("Lock", { name: "a", lease: "1m" }, spec)).toEqual({
    lease: 60_000,
    wait: undefined,
    retries: 3,
    name: "a",
  });
  expect(readOptions("Lock", { name: "a", retries: undefined }, spec).retries).toBe(3);
});

const refused: readonly [given: unknown, code: string, field: string, message: string][] = [
  [{ name: "a", leese: 1 }, "OPTION_UNKNOWN", "Lock.leese", 'Lock has no option "leese". Did you mean "lease"?'],
  [{ name: "a", LEASE: 1 }, "OPTION_UNKNOWN", "Lock.LEASE", 'Lock has no option "LEASE". Did you mean "lease"?'],
  [
    { concurrency: 1 },
    "OPTION_UNKNOWN",
    "Lock.concurrency",
    'Lock has no option "concurrency". It has: lease, wait, retries, name.',
  ],
  [{}, "OPTION_MISSING", "Lock.name", "Lock.name must be given: text of 1 to 5 characters."],
  [undefined, "OPTION_MISSING", "Lock.name", "Lock.name must be given: text of 1 to 5 characters."],
  [{ name: "" }, "OPTION_INVALID", "Lock.name", 'Lock.name must be text of 1 to 5 characters, not "".'],
  [{ name: "a", retries: 11 }, "OPTION_INVALID", "Lock.retries", "Lock.retries must be a whole number from 0 to 10, not 11."],
  [{ name: "a", retries: null }, "OPTION_INVALID", "Lock.retries", "Lock.retries must be a whole number from 0 to 10, not null."],
  [
    { name: "a", lease: 9 },
    "OPTION_INVALID",
    "Lock.lease",
    'Lock.lease must be a duration such as 1500 or "30s" (at least 10 ms), not 9.',
  ],
  [null, "OPTION_INVALID", "Lock", "Lock takes its options as an object, not null."],
  [["a"], "OPTION_INVALID", "Lock", "Lock takes its options as an object, not an array."],
  ["a", "OPTION_INVALID", "Lock", 'Lock takes its options as an object, not "a".'],
];

test.each(refused)("%o is refused as %s", (given, code, field, message) => {
  const read = () => readOptions("Lock", given as object, spec);
  expect(read).toThrow(InvalidInputError);
  expect(read).toThrow(expect.objectContaining({ code, field, message }));
});

test("a name from the prototype of all objects is no option", () => {
  expect(() => readOptions("Lock", JSON.parse('{"name":"a","__proto__":1}'), spec)).toThrow('Lock has no option "__proto__"');
  expect(() => readOptions("Lock", { name: "a", toString: 1 }, spec)).toThrow('Lock has no option "toString"');
});

const fields: readonly [what: string, field: Field<unknown>, accepted: readonly unknown[], not: readonly unknown[]][] = [
  ["a duration", duration({ min: 1, max: 1000 }), [1, "1s"], [0, 1001, "2s", "x", -1]],
  ["a whole number", integer(), [0, -5, Number.MAX_SAFE_INTEGER], [0.5, "1", Number.NaN, Infinity, 2 ** 53]],
  ["a whole number or no limit", integer({ min: 1, max: Infinity }), [1, Infinity], [0, 1.5, -Infinity]],
  ["a number", number({ min: 0 }), [0, 0.5], [-0.1, Infinity, Number.NaN, "1", 1n]],
  ["a number or no limit", number({ max: Infinity }), [-1, Infinity], [-Infinity, Number.NaN]],
  ["true or false", boolean(), [true, false], [0, "true", null]],
  ["text", text({ max: 3 }), ["a", "abc"], ["", "abcd", 1]],
  ["a word", oneOf("fail", "allow"), ["fail", "allow"], ["Fail", "", undefined]],
  ["a function", callable(), [callable], [{}, "f"]],
  ["what passes a check", accept("a Map", (value) => value instanceof Map), [new Map()], [{}, null]],
];

test.each(fields)("%s is read from what is one, and from nothing else", (_, field, accepted, not) => {
  expect(accepted.map((value) => field.read(value) !== undefined)).toEqual(accepted.map(() => true));
  expect(not.map((value) => field.read(value))).toEqual(not.map(() => undefined));
});

test("the nearest name is suggested when it is a likely slip, and none when nothing is close", () => {
  const known = ["concurrency", "lease", "wait"];
  expect(["concurency", "Wait", "laese", "retries"].map((name) => nearest(name, known))).toEqual([
    "concurrency",
    "wait",
    "lease",
    undefined,
  ]);
  expect(nearest("lease", [])).toBeUndefined();
});
