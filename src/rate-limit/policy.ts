import {
  type Duration,
  duration,
  type Field,
  InvalidInputError,
  integer,
  oneOf,
  readOptions,
  required,
  withDefault,
} from "../core/index.ts";
import { named } from "./name.ts";

/**
 * How calls are counted.
 *
 * - `gcra`: at most `burst` at once, and `limit` each `per` in the long run; room comes back evenly. Exact, 72 bytes an identity.
 * - `sliding-window`: `limit` in about any `per`, from the counts of two windows. Approximate, one short string an identity.
 * - `sliding-log`: `limit` in any `per`, and on top of it `burst` in any `burstPer`. Exact, some 20 bytes a call.
 * - `fixed-window`: `limit` from the first call until `per` later. Up to twice `limit` around the end of a window.
 */
export type Algorithm = "gcra" | "sliding-window" | "sliding-log" | "fixed-window";

/** One limit. */
export interface PolicyOptions {
  /** What the headers and reports call it. Letters, digits, `.`, `_` and `-`. @default the limiter's name */
  readonly name?: string;
  /** @default "gcra" */
  readonly algorithm?: Algorithm;
  /** So many calls, or so much cost, are allowed each `per`. */
  readonly limit: number;
  /** How long the limit is for. */
  readonly per: Duration;
  /**
   * Of `gcra`: how much is allowed at once. @default limit
   *
   * Of `sliding-log`: how much is allowed on top of the limit, each `burstPer`. @default 0
   */
  readonly burst?: number;
  /** Of `sliding-log`: how long what was paid from the burst counts there. @default per */
  readonly burstPer?: Duration;
}

/** One limit, read. */
export interface Policy {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly limit: number;
  readonly perMs: number;
  readonly burst: number;
  readonly burstPerMs: number;
  /** The largest cost that can ever be allowed. */
  readonly capacity: number;
  /** The same as the scripts take it. */
  readonly words: {
    readonly algorithm: string;
    readonly limit: number;
    readonly perMs: number;
    readonly burst: number;
    readonly burstPerMs: number;
  };
}

/** The options of a policy. */
export const policyFields: {
  readonly algorithm: Field<Algorithm> & { readonly fallback: unknown };
  readonly limit: Field<number>;
  readonly per: Field<number>;
  readonly burst: Field<number>;
  readonly burstPer: Field<number>;
} = {
  algorithm: withDefault(oneOf("gcra", "sliding-window", "sliding-log", "fixed-window"), "gcra"),
  limit: integer({ min: 1, max: 1_000_000_000 }),
  per: duration({ min: 1, max: 400 * 86_400_000 }),
  burst: integer({ min: 0, max: 1_000_000_000 }),
  burstPer: duration({ min: 1, max: 400 * 86_400_000 }),
};

/** Above this a quotient of whole numbers may be rounded to the wrong side. */
const exactMax = 2 ** 52;
/** Each call of a log is an item of a list, and a denial may have to look at as many as its cost. */
const logMax = 100_000;

/** Reads one limit. @throws {InvalidInputError} if it has an option that is unknown, unusable or not for its algorithm */
export function readPolicy(owner: string, options: PolicyOptions, fallbackName: string): Policy {
  const read = readOptions(owner, options, {
    ...policyFields,
    name: withDefault(named(), fallbackName),
    limit: required(policyFields.limit),
    per: required(policyFields.per),
  });
  const { name, algorithm, limit, per: perMs } = read;
  const log = algorithm === "sliding-log";
  if (read.burst !== undefined && !log && algorithm !== "gcra") throw misplaced(owner, "burst", algorithm);
  if (read.burstPer !== undefined && !log) throw misplaced(owner, "burstPer", algorithm);
  const burst = read.burst ?? (algorithm === "gcra" ? limit : 0);
  const burstPerMs = read.burstPer ?? perMs;
  if (algorithm === "gcra" && burst === 0) {
    throw new InvalidInputError(
      "OPTION_INVALID",
      `${owner}.burst`,
      `${owner}.burst must be at least 1: with 0 nothing is ever allowed.`,
    );
  }
  const capacity = log ? limit + burst : algorithm === "gcra" ? burst : limit;
  if (log && capacity > logMax) {
    throw new InvalidInputError(
      "OPTION_INVALID",
      `${owner}.limit`,
      `${owner}: a sliding-log keeps every call, so limit and burst together may be ${logMax} at most, not ${capacity}. Use "gcra".`,
    );
  }
  const divisor = algorithm === "gcra" ? greatestCommonDivisor(limit, perMs) : 1;
  if (!log && capacity * (perMs / divisor) > exactMax) {
    throw new InvalidInputError(
      "OPTION_INVALID",
      `${owner}.limit`,
      `${owner}: ${capacity} in ${perMs} ms is too much to be counted exactly. Choose a shorter "per", or rounder numbers.`,
    );
  }
  const words = { algorithm, limit: limit / divisor, perMs: perMs / divisor, burst, burstPerMs };
  return { name, algorithm, limit, perMs, burst, burstPerMs, capacity, words };
}

function misplaced(owner: string, option: string, algorithm: Algorithm): InvalidInputError {
  const has = option === "burst" ? '"gcra" and "sliding-log"' : '"sliding-log"';
  return new InvalidInputError(
    "OPTION_INVALID",
    `${owner}.${option}`,
    `${owner}.${option} is for ${has}, not for "${algorithm}".`,
  );
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
