import { expect, test, vi } from "vitest";
import { InvalidInputError, RedluaError } from "./errors.ts";

class TornError extends RedluaError {
  override readonly code = "TEST_TORN";
}

const invalid = (): InvalidInputError => new InvalidInputError("INPUT_INVALID", "Lock.lease", "Lock.lease must be a duration.");

test("an error is one of its own class and of every class above it, and of no other", () => {
  const torn = new TornError("torn");
  expect(torn).toBeInstanceOf(TornError);
  expect(torn).toBeInstanceOf(RedluaError);
  expect(torn).toBeInstanceOf(Error);
  expect(torn).not.toBeInstanceOf(InvalidInputError);
});

test("an error of one installed copy of redlua is an instance of the other copy's class", async () => {
  vi.resetModules();
  const other = await import("./errors.ts");
  expect(other.InvalidInputError).not.toBe(InvalidInputError);
  expect(invalid()).toBeInstanceOf(other.InvalidInputError);
  expect(invalid()).toBeInstanceOf(other.RedluaError);
  expect(new other.InvalidInputError("OPTION_MISSING", "a", "b")).toBeInstanceOf(InvalidInputError);
});

test.each([null, undefined, 0, "RedluaError", {}, new Error("plain"), Object.create(null)])("%o is no redlua error", (value) => {
  expect(value instanceof RedluaError).toBe(false);
  expect(value instanceof InvalidInputError).toBe(false);
});

test("an error carries its name, its code, the facts, the cause and the place it was thrown", () => {
  const cause = new Error("below");
  const torn = new TornError("torn", { cause });
  expect({ name: torn.name, code: torn.code, message: torn.message, cause: torn.cause }).toEqual({
    name: "TornError",
    code: "TEST_TORN",
    message: "torn",
    cause,
  });
  expect(torn.stack).toContain("errors.test.ts");
  expect(invalid().field).toBe("Lock.lease");
});

test("what marks an error as redlua's is not seen when it is printed or copied", () => {
  expect(Object.getOwnPropertySymbols({ ...invalid() })).toEqual([]);
  expect(JSON.parse(JSON.stringify(invalid()))).toEqual({
    code: "INPUT_INVALID",
    field: "Lock.lease",
    name: "InvalidInputError",
  });
});
