import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson } from "./json-body.ts";
import { ProblemError } from "./problem.ts";

function refusal(text: string): ProblemError["facts"] {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof ProblemError) return error.facts;
    throw error;
  }
  throw new Error(`${text} was taken.`);
}

test.each([
  ['{"a":x}', 1, 6],
  ['{"a":1,\n "b" 2}', 2, 6],
  ["[1,2,]", 1, 6],
  ['{"a":1,}', 1, 8],
  ["[1 2]", 1, 4],
  ["{'a':1}", 1, 2],
  ['{"a":"un', 1, 6],
  ['["line\nbreak"]', 1, 2],
  ['["\\x"]', 1, 2],
  ["01", 1, 2],
  ["tru", 1, 1],
  ["{", 1, 2],
  ['{"a":1}\n\n}', 3, 1],
  ["[1]]", 1, 4],
  ["[}", 1, 2],
  ["  ", 1, 3],
  ["nullx", 1, 5],
])("%j is wrong at line %i, column %i", (text, line, column) => {
  expect(refusal(text)).toMatchObject({ status: 400, members: { line, column } });
  expect(refusal(text).detail).toContain(`Line ${line}, column ${column}: `);
});

test("every text that Node refuses is given a place within it", () => {
  // What is refused for its names is another matter, with a test of its own.
  const harmless = fc.json().filter((json) => !/__proto__|constructor/.test(json));
  fc.assert(
    fc.property(harmless, fc.nat(), fc.constantFrom("", "]", "}", ",", ":", '"', "x", "\\"), (json, seed, put) => {
      const at = seed % (json.length + 1);
      const text = json.slice(0, at) + put + json.slice(at + (put === "" ? 1 : 0));
      try {
        JSON.parse(text);
      } catch {
        const { offset } = refusal(text).members as { offset: number };
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(text.length);
        // What stands before the place is not what is wrong: some ending makes JSON of it.
        const before = text.slice(0, offset);
        const endings = ["", "1", `""`, `"":1`, ":1"].map((end) => before + end);
        const closed = endings.map((each) => each + closing(each));
        expect(closed.some(isJson)).toBe(true);
        return;
      }
      expect(readJson(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The brackets that are still open, closed. */
function closing(text: string): string {
  const open: string[] = [];
  for (const mark of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (mark === "{") open.push("}");
    if (mark === "[") open.push("]");
    if (mark === "}" || mark === "]") open.pop();
  }
  return open.reverse().join("");
}

test("what would change a prototype is refused, however it is written", () => {
  for (const text of ['{"__proto__":{"a":1}}', '[{"a":{"\\u005f_proto__":1}}]', '{"constructor":{"prototype":{}}}']) {
    expect(refusal(text)).toMatchObject({ status: 400, type: "urn:redlua:problem:bad-json" });
  }
  expect(readJson('{"constructor":"Smith","prototype":1}')).toEqual({ constructor: "Smith", prototype: 1 });
});

test("what is nested too deep is refused, and not a stack overflow", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect(refusal(nested(101)).detail).toMatch(/nested/);
  expect(refusal(nested(500_000)).detail).toMatch(/nested/);
  expect(JSON.stringify(readJson(nested(100)))).toBe(nested(100));
});
