import {
  accept,
  type Backoff,
  type BackoffOptions,
  backoff,
  boolean,
  callable,
  type Duration,
  duration,
  type Field,
  InvalidInputError,
  integer,
  readOptions,
  show,
  withDefault,
} from "../core/index.ts";

/** How long, and how many, ended jobs are kept. Whichever limit is reached first drops the oldest. */
export interface Retention {
  /** At least a second. */
  readonly age?: Duration;
  readonly count?: number;
}

/** Options of a {@link JobStore}, and so of a queue. */
export interface JobStoreOptions {
  /** How long completed and canceled jobs are kept, and how many. @default { age: "1h", count: 10_000 } */
  readonly keepCompleted?: Retention;
  /** How long dead letters are kept, and how many. @default { age: "7d", count: 10_000 } */
  readonly keepFailed?: Retention;
  /** How often a job is tried again after a failure, unless it says so itself. @default 3 */
  readonly maxRetries?: number;
  /** How long to wait before a job is tried again. @default { base: "1s", factor: 2, max: "5m", jitter: "half" } */
  readonly backoff?: BackoffOptions;
  /** How often a job is put back whose worker went away, before it is dead. Not counted as retries. @default 3 */
  readonly maxRecoveries?: number;
  /**
   * Plain jobs, which have a name, a payload of up to 1 KiB and nothing else, get a hash of their own only when something happens
   * to them but to be run and completed. Until then many share one: half the memory, and a third less work for Redis.
   *
   * @default false; of a `Queue`, true
   */
  readonly fold?: boolean;
  /** All payloads and results are text in UTF-8: claims then bring text instead of bytes, which is faster. @default false */
  readonly text?: boolean;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** Options of a {@link JobStore}, read. */
export interface StoreLimits {
  readonly keepCompletedMs: number;
  readonly keepCompleted: number;
  readonly keepFailedMs: number;
  readonly keepFailed: number;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly maxRecoveries: number;
  readonly fold: boolean;
  readonly text: boolean;
  readonly now: () => number | undefined;
}

/** What a queue and its store have options for. */
export const storeFields: {
  readonly keepCompleted: Field<Retention>;
  readonly keepFailed: Field<Retention>;
  readonly maxRetries: Field<number> & { readonly fallback: unknown };
  readonly backoff: Field<BackoffOptions>;
  readonly maxRecoveries: Field<number> & { readonly fallback: unknown };
  readonly fold: Field<boolean> & { readonly fallback: unknown };
  readonly text: Field<boolean> & { readonly fallback: unknown };
  readonly now: Field<() => number>;
} = {
  keepCompleted: accept<Retention>("an object { age, count }", isObject),
  keepFailed: accept<Retention>("an object { age, count }", isObject),
  maxRetries: withDefault(integer({ min: 0, max: 1_000 }), 3),
  backoff: accept<BackoffOptions>("an object { base, factor, max, jitter }", isObject),
  maxRecoveries: withDefault(integer({ min: 0, max: 1_000 }), 3),
  fold: withDefault(boolean(), false),
  text: withDefault(boolean(), false),
  now: callable<() => number>(),
};

/** Reads the options of a store. @throws {InvalidInputError} if one is unknown or cannot be used */
export function readStoreOptions(owner: string, options: JobStoreOptions | undefined): StoreLimits {
  const read = readOptions(owner, options, storeFields);
  const completed = readRetention(`${owner}.keepCompleted`, read.keepCompleted, "1h");
  const failed = readRetention(`${owner}.keepFailed`, read.keepFailed, "7d");
  return {
    keepCompletedMs: completed.age,
    keepCompleted: completed.count,
    keepFailedMs: failed.age,
    keepFailed: failed.count,
    maxRetries: read.maxRetries,
    backoff: backoff(read.backoff),
    maxRecoveries: read.maxRecoveries,
    fold: read.fold,
    text: read.text,
    now: read.now ?? (() => undefined),
  };
}

function readRetention(
  owner: string,
  given: Retention | undefined,
  age: Duration,
): { readonly age: number; readonly count: number } {
  return readOptions(owner, given, {
    age: withDefault(duration({ min: 1_000 }), age),
    count: withDefault(integer({ min: 0 }), 10_000),
  });
}

/**
 * Checks the name of a queue: it becomes part of every key, and its braces are the hash tag.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`
 */
export function checkQueueName(name: unknown): asserts name is string {
  if (typeof name === "string" && /^[^{}\s]{1,100}$/.test(name)) return;
  throw new InvalidInputError(
    "INPUT_INVALID",
    "queue",
    `A queue's name is 1 to 100 characters without braces or spaces, not ${show(name)}.`,
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
