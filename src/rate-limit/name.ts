import { accept, type Field, InvalidInputError, show } from "../core/index.ts";

/** A name of a limiter or policy: it becomes part of keys and of headers. */
export function named(): Field<string> {
  return accept<string>(
    'a name of 1 to 100 letters, digits, ".", "_" or "-"',
    (value) => typeof value === "string" && /^[\w.-]{1,100}$/.test(value),
  );
}

/** @throws {InvalidInputError} `INPUT_INVALID` if it cannot be the name of who is limited */
export function checkIdentity(identity: unknown): asserts identity is string {
  if (typeof identity === "string" && identity.length > 0 && identity.length <= 1_000) return;
  throw new InvalidInputError(
    "INPUT_INVALID",
    "identity",
    `identity must be text of 1 to 1000 characters, not ${show(identity)}.`,
  );
}

/** @throws {InvalidInputError} `INPUT_INVALID` if it is no cost */
export function checkCost(cost: unknown): asserts cost is number {
  if (Number.isSafeInteger(cost) && (cost as number) >= 1 && (cost as number) <= 1_000_000_000) return;
  throw new InvalidInputError("INPUT_INVALID", "cost", `cost must be a whole number from 1 to 1000000000, not ${show(cost)}.`);
}
