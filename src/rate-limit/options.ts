import {
  accept,
  callable,
  type Duration,
  duration,
  InvalidInputError,
  integer,
  oneOf,
  readOptions,
  required,
  show,
  withDefault,
} from "../core/index.ts";
import type { OnUnavailable } from "./decision.ts";
import { named } from "./name.ts";
import { type Policy, type PolicyOptions, policyFields, readPolicy } from "./policy.ts";

/** Options that every {@link RateLimiter} has. */
export interface LimiterOptions {
  /** Part of every key. Limiters of one name share what they count. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** What is decided when Redis cannot be asked: has to be chosen. */
  readonly onUnavailable: OnUnavailable;
  /** How long Redis may take before `onUnavailable` decides. @default "250ms" */
  readonly timeout?: Duration;
  /** For `onUnavailable: "local"`: how many processes share the limit, so what this one's share is. @default 1 */
  readonly instances?: number;
  /**
   * For how many identities, and at most how long, a denial is remembered, so that the next one costs no round trip. What another
   * process gives back is seen that much later. `{ count: 0 }` for none. @default { count: 10_000, for: "1s" }
   */
  readonly rememberDenials?: { readonly count?: number; readonly for?: Duration };
  /**
   * Over how many hash slots the identities are spread: more for a large cluster, fewer to let more calls share a round trip. All
   * processes must have the same. @default 8
   */
  readonly shards?: number;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** Options of a {@link RateLimiter}: one limit, or several in `policies`. */
export type RateLimiterOptions = LimiterOptions &
  (
    | (Omit<PolicyOptions, "name"> & { readonly policies?: never })
    | { readonly policies: readonly (PolicyOptions & { readonly name: string })[] }
  );

/** Options, read. */
export interface Settings {
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly onUnavailable: OnUnavailable;
  readonly timeoutMs: number;
  readonly instances: number;
  readonly denials: { readonly count: number; readonly forMs: number };
  readonly shards: number;
  readonly now: (() => number) | undefined;
}

/** Identities that are counted locally, at most. */
export const localIdentities = 10_000;

/** More would make one script too long. */
const policiesMax = 8;

/** Reads the options of a limiter. @throws {InvalidInputError} */
export function readLimiterOptions(options: RateLimiterOptions): Settings {
  const owner = "RateLimiter";
  const read = readOptions(owner, options, {
    ...policyFields,
    algorithm: oneOf("gcra", "sliding-window", "sliding-log", "fixed-window"),
    name: required(named()),
    onUnavailable: required(oneOf("closed", "open", "local")),
    timeout: withDefault(duration({ min: 1 }), "250ms"),
    instances: withDefault(integer({ min: 1, max: 1_000_000 }), 1),
    rememberDenials: accept<{ count?: number; for?: Duration }>("an object { count, for }", isObject),
    shards: withDefault(integer({ min: 1, max: 1_024 }), 8),
    now: callable<() => number>(),
    policies: accept<readonly PolicyOptions[]>(`a list of 1 to ${policiesMax} limits`, isPolicyList),
  });
  const denials = readOptions(`${owner}.rememberDenials`, read.rememberDenials, {
    count: withDefault(integer({ min: 0, max: 10_000_000 }), 10_000),
    for: withDefault(duration(), "1s"),
  });
  return {
    name: read.name,
    policies: readPolicies(owner, options, read.name),
    onUnavailable: read.onUnavailable,
    timeoutMs: read.timeout,
    instances: read.instances,
    denials: { count: denials.count, forMs: denials.for },
    shards: read.shards,
    now: read.now,
  };
}

function readPolicies(owner: string, options: RateLimiterOptions, name: string): readonly Policy[] {
  const { algorithm, limit, per, burst, burstPer } = options as Partial<PolicyOptions>;
  const single = Object.fromEntries(
    Object.entries({ algorithm, limit, per, burst, burstPer }).filter(([, value]) => value !== undefined),
  );
  if (options.policies === undefined) return [readPolicy(owner, single as unknown as PolicyOptions, name)];
  const [extra] = Object.keys(single);
  if (extra !== undefined) {
    throw new InvalidInputError(
      "OPTION_INVALID",
      `${owner}.${extra}`,
      `${owner}: with "policies", "${extra}" belongs to one of them.`,
    );
  }
  const read = options.policies.map((each, index) => readPolicy(`${owner}.policies[${index}]`, each, name));
  const names = new Set<string>();
  for (const each of read) {
    if (names.has(each.name)) {
      throw new InvalidInputError(
        "OPTION_INVALID",
        `${owner}.policies`,
        `${owner}.policies: each needs a "name" of its own, and two are called ${show(each.name)}.`,
      );
    }
    names.add(each.name);
  }
  return read;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPolicyList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= policiesMax && value.every(isObject);
}
