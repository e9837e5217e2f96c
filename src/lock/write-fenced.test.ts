import { expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { type FencedWrite, writeFenced } from "./index.ts";

const usual: FencedWrite = { token: 5n, fields: { state: "paid" } };

test.each<[string, object, string]>([
  // Every write of a Redlock without fencing has it, and none would ever be refused.
  ["a token that is none", { token: 0n }, "OPTION_INVALID writeFenced.token"],
  ["a token that a script cannot compare", { token: 2n ** 53n }, "OPTION_INVALID writeFenced.token"],
  ["a number for a token", { token: 5 }, "OPTION_INVALID writeFenced.token"],
  ["no time to live, by which the record would be gone", { ttl: 0 }, "OPTION_INVALID writeFenced.ttl"],
  ["a list for fields", { fields: ["paid"] }, "OPTION_INVALID writeFenced.fields"],
  ["an option that there is not", { tll: "1h" }, "OPTION_UNKNOWN writeFenced.tll"],
])("a fenced write refuses %s before Redis is asked", async (_, given, expected) => {
  const error: unknown = await writeFenced(neverAsked, "invoice:42", { ...usual, ...given }).catch((reason: unknown) => reason);
  const { code, field } = error as { readonly code: string; readonly field: string };
  expect(`${code} ${field}`).toBe(expected);
});
