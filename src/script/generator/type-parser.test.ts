import { expect, test } from "vitest";
import { camelCase, TypeReader } from "./type-parser.ts";

test.each([
  ["string", "string"],
  ["bytes? what is stored", { nullable: "bytes" }],
  ["string[]", { array: "string" }],
  ["string?[]", { array: { nullable: "string" } }],
  ["string[]?", { nullable: { array: "string" } }],
  ["hash<integer[]>", { hash: { array: "integer" } }],
  ["{ job_id: string, at: instant? }[] in order", { array: { record: { jobId: "string", at: { nullable: "instant" } } } }],
  ["{constructor: string, to_string: integer}", { record: { constructor: "string", toString: "integer" } }],
  ["{a:{b:hash<json>}}", { record: { a: { record: { b: { hash: "json" } } } } }],
])("%s is read as a type", (text, type) => {
  expect(new TypeReader(text).type()).toEqual(type);
});

test("what follows a type is prose", () => {
  const reader = new TypeReader("{id: string}[] ids, in order");
  reader.type();
  expect(reader.rest()).toBe("ids, in order");
});

test.each([
  ["durration", 'there is no type "durration". Did you mean "duration"?'],
  [
    "xyz",
    'there is no type "xyz". Types are string, bytes, integer, number, bigint, boolean, json, duration, instant, hash<T>, {name: T}, T[] and T?.',
  ],
  ["hash", '"hash" says what its values are: write "hash<string>"'],
  ["hash<string", '"hash<" ends with ">", not the end of the line'],
  ["{id: string", 'a record ends with "}", not the end of the line'],
  ["{id string}", 'the field "id" has no type: write "id: string"'],
  ["{id?: string}", 'in a record the "?" stands behind the type: write "id: string?"'],
  ["{id: string, id: bytes}", 'the field "id" is declared twice'],
  ["{_2fa_code: string}", '"_2fa_code" would be "2faCode" in TypeScript, which is no name: begin it with a letter'],
  ["{}", 'a field is "name: type", not "}"'],
  ["string??", '"??" says nullable twice: write one "?"'],
  [
    "",
    "a type is missing before the end of the line: one of string, bytes, integer, number, bigint, boolean, json, duration, instant",
  ],
])("%s is refused with how to write it", (text, message) => {
  expect(() => new TypeReader(text).type()).toThrow(message);
});

test("names of Lua and of files become names of TypeScript", () => {
  expect(["ttl_ms", "claim-next", "p95_ms", "id"].map(camelCase)).toEqual(["ttlMs", "claimNext", "p95Ms", "id"]);
});
