import { accept, type Field, InvalidInputError, refuseUnknown, show } from "../core/index.ts";

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

/** What a call of `consume` or `peek` has besides its identity. */
export interface CallOptions {
  /** What it counts for: a whole number from 1 to 1,000,000,000. @default 1 */
  readonly cost?: number;
}

const callNames: readonly string[] = ["cost"];

/** Reads what a call costs. @throws {InvalidInputError} if it is not known what is meant: a wrong count would not be noticed */
export function costOf(owner: string, options: CallOptions | undefined): number {
  if (options === undefined) return 1;
  if (typeof options !== "object" || options === null) {
    throw new InvalidInputError("OPTION_INVALID", owner, `${owner} takes its cost as { cost }, not ${show(options)}.`);
  }
  for (const name in options) {
    if (name !== "cost") refuseUnknown(owner, options, callNames);
  }
  const { cost = 1 } = options;
  checkCost(cost);
  return cost;
}
