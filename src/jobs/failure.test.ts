import { expect, test } from "vitest";
import { failureOf } from "./index.ts";

const error = (fields: object): Error => Object.assign(new Error("no"), fields);

test.each<[string, unknown, object]>([
  ["text", "no", { name: "Error", message: "no" }],
  ["nothing", undefined, { name: "Error", message: "undefined" }],
  ["a symbol", Symbol("no"), { name: "Error", message: "Symbol(no)" }],
  ["an error without a message", error({ message: undefined }), { name: "Error", message: "", stack: expect.any(String) }],
  ["an error whose message is no text", error({ message: 404 }), { name: "Error", message: "404" }],
  ["an error whose name is no text", error({ name: { first: "Range" } }), { name: "Error", message: "no" }],
  ["an error whose code and stack are no text", error({ code: 7, stack: [] }), { name: "Error", message: "no" }],
  [
    "an object without a prototype",
    Object.create(null),
    { name: "Error", message: "What was thrown cannot be read: an object (no prototype)." },
  ],
  [
    "an error whose message cannot be made text",
    error({ message: Object.create(null) }),
    { name: "Error", message: "What was thrown cannot be read: an object (Error)." },
  ],
])("whatever is thrown is told in text: %s", (_, thrown, told) => {
  const { stack, ...failure } = failureOf(thrown, 2, 5);
  expect({ ...failure, ...("stack" in told ? { stack } : {}) }).toEqual({ ...told, attempt: 2, at: 5 });
  expect(["string", "undefined"]).toContain(typeof stack);
});
