import fc from "fast-check";
import { expect, test } from "vitest";
import { type Duration, readMs, show, toMs } from "./duration.ts";
import { InvalidInputError } from "./errors.ts";

test.each<[Duration, number]>([
  [1500, 1500],
  [0, 0],
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5 s", 1500],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
  ["2w", 1_209_600_000],
  [4.32e15, 4.32e15],
])("%s is %i ms", (duration, expected) => {
  expect(toMs(duration, "wait")).toBe(expected);
});

test("a fraction of a millisecond is rounded up, so no wait ends early", () => {
  expect([readMs(0.1), readMs(2.5), readMs("0.5ms")]).toEqual([1, 3, 1]);
});

const unusable = [
  "",
  "s",
  "30",
  "30 sec",
  "1 hour",
  "-1s",
  "1e3s",
  " 1s",
  "1s ",
  "1s 2s",
  "١s",
  -1,
  Number.NaN,
  Infinity,
  4.32e15 + 1,
  "99999999999w",
  null,
  {},
  [],
  5n,
];

test.each(unusable)("%o is no duration", (value) => {
  expect(readMs(value)).toBeUndefined();
  expect(() => toMs(value as Duration, "Lock.lease")).toThrow(InvalidInputError);
});

test("the error names the field, shows what it was given and says what would do", () => {
  expect(() => toMs("soon" as Duration, "Lock.lease")).toThrow(
    expect.objectContaining({
      code: "INPUT_INVALID",
      field: "Lock.lease",
      message: 'Lock.lease must be a duration, such as 1500 or "30s", not "soon".',
    }),
  );
});

test("whatever it is given, it answers whole milliseconds or nothing, and never throws", () => {
  const looksRight = fc.stringMatching(/^\d+(\.\d+)? ?(ms|s|m|h|d|w)$/, { size: "large" });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.double(), looksRight), (value) => {
      const read = readMs(value);
      expect(read === undefined || (Number.isInteger(read) && read >= 0)).toBe(true);
    }),
  );
  expect(readMs(`${"1".repeat(200)}s`)).toBeUndefined();
});

test.each<[unknown, string]>([
  ["x", '"x"'],
  ["x".repeat(500), `"${"x".repeat(60)}…"`],
  [() => 1, "a function"],
  [[1, 2], "an array"],
  [new Map(), "an object (Map)"],
  [Object.create(null), "an object (no prototype)"],
  [12n, "12n"],
  [null, "null"],
  [undefined, "undefined"],
  [Symbol("s"), "Symbol(s)"],
])("an error message shows %o briefly", (value, expected) => {
  expect(show(value)).toBe(expected);
});
