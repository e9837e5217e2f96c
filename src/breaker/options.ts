import {
  accept,
  callable,
  type Duration,
  duration,
  InvalidInputError,
  integer,
  number,
  oneOf,
  readOptions,
  withDefault,
} from "../core/index.ts";

/** What a call says of what it called. `ignore`: nothing, for example because the caller asked for what does not exist. */
export type Judgement = "success" | "failure" | "ignore";

/** Whether a judge has answered: one in JavaScript may have forgotten a case. */
export function isJudgement(answer: unknown): answer is Judgement {
  return answer === "success" || answer === "failure" || answer === "ignore";
}

/** How long a breaker stays open. */
export interface OpenTime {
  /** The first time in a row. @default "10s" */
  readonly base?: Duration;
  /** By how much each further time is longer. @default 2 */
  readonly factor?: number;
  /** No time is longer. @default "5m", or `base` if that is longer */
  readonly max?: Duration;
}

/** How a {@link CircuitBreaker} decides. Give every process that shares a breaker the same. */
export interface CircuitBreakerOptions {
  /** Opens when this share of the calls in the window failed. @default 0.5 */
  readonly failureRate?: number;
  /** A call that takes longer is slow. @default none is */
  readonly slowCall?: Duration;
  /** Opens when this share of the calls in the window was slow. @default 0.5 */
  readonly slowCallRate?: number;
  /** How far back calls count. @default "30s" */
  readonly window?: Duration;
  /** In how many steps the window moves on. @default 10 */
  readonly buckets?: number;
  /** Never opens with fewer calls in the window. @default 20 */
  readonly minimumCalls?: number;
  /** Opens only if so many instances saw calls that failed or were slow, so that one bad machine does not decide for all. @default 1 */
  readonly minReporters?: number;
  /** How long it stays open, longer each time in a row. */
  readonly open?: OpenTime;
  /** How many calls pass when the open time is over, to see whether it can close. @default 3 */
  readonly probes?: number;
  /** How many of them may fail or be slow: less than `probes`. @default 0 */
  readonly probeFailures?: number;
  /** A probe that has not ended after so long no longer counts, and another may pass. @default "30s", or the timeout and 5 s if that is longer */
  readonly probeLease?: Duration;
  /** How long a call may take. Then its `signal` fires, and it counts as failed. @default no limit */
  readonly timeout?: Duration;
  /** What an error says of what was called. @default every error is a failure */
  readonly judgeError?: (error: unknown) => Judgement;
  /** What an answer says of what was called: a `503`, for example. @default every answer is a success */
  readonly judgeResult?: (result: never) => Judgement;
  /** `"shared"` through Redis, or `"local"` to this object. @default "shared" */
  readonly scope?: "shared" | "local";
  /** How often what was counted is handed in; failures go sooner. @default "200ms" */
  readonly flushEvery?: Duration;
  /** How often Redis is asked how the breaker stands, in case a message was lost. @default "1s" */
  readonly pollEvery?: Duration;
  /** How long Redis may take to answer, before this process goes on by itself. @default "250ms" */
  readonly patience?: Duration;
  /** Milliseconds, instead of the server's clock and the process's. For tests. */
  readonly now?: () => number;
}

/** The options, read: durations in milliseconds, defaults in place. */
export interface Settings {
  readonly failureRate: number;
  readonly slowCallMs: number;
  readonly slowCallRate: number;
  readonly bucketMs: number;
  readonly buckets: number;
  readonly minimumCalls: number;
  readonly minReporters: number;
  readonly open: { readonly baseMs: number; readonly factor: number; readonly maxMs: number };
  readonly probes: number;
  readonly probeFailures: number;
  readonly probeLeaseMs: number;
  readonly timeoutMs: number | undefined;
  readonly judgeError: ((error: unknown) => Judgement) | undefined;
  readonly judgeResult: ((result: never) => Judgement) | undefined;
  readonly scope: "shared" | "local";
  readonly flushEveryMs: number;
  readonly pollEveryMs: number;
  readonly patienceMs: number;
  readonly now: (() => number) | undefined;
  /** How long everything is remembered after the last change. */
  readonly ttlMs: number;
}

const day = 86_400_000;
const rate = number({ min: 0.0001, max: 1 });

/** Reads a breaker's options. */
export function readSettings(options: CircuitBreakerOptions): Settings {
  const owner = "CircuitBreaker";
  const read = readOptions(owner, options, {
    failureRate: withDefault(rate, 0.5),
    slowCall: duration({ min: 1 }),
    slowCallRate: withDefault(rate, 0.5),
    window: withDefault(duration({ min: 100, max: day }), "30s"),
    buckets: withDefault(integer({ min: 1, max: 60 }), 10),
    minimumCalls: withDefault(integer({ min: 1, max: 1_000_000 }), 20),
    minReporters: withDefault(integer({ min: 1, max: 10_000 }), 1),
    open: withDefault(
      accept<OpenTime>("an object with base, factor and max", (value) => typeof value === "object" && value !== null),
      {},
    ),
    probes: withDefault(integer({ min: 1, max: 1_000 }), 3),
    probeFailures: withDefault(integer({ min: 0, max: 999 }), 0),
    probeLease: duration({ min: 1, max: day }),
    timeout: duration({ min: 1, max: day }),
    judgeError: callable<(error: unknown) => Judgement>(),
    judgeResult: callable<(result: never) => Judgement>(),
    scope: withDefault(oneOf("shared", "local"), "shared"),
    flushEvery: withDefault(duration({ min: 10, max: 10_000 }), "200ms"),
    pollEvery: withDefault(duration({ min: 50, max: 60_000 }), "1s"),
    patience: withDefault(duration({ min: 1, max: 10_000 }), "250ms"),
    now: callable<() => number>(),
  });
  const { slowCall, window, open, timeout, probeLease, flushEvery, pollEvery, patience, ...rest } = read;
  const times = readOptions(`${owner}.open`, open, {
    base: withDefault(duration({ min: 1, max: day }), "10s"),
    factor: withDefault(number({ min: 1, max: 100 }), 2),
    max: duration({ min: 1, max: 7 * day }),
  });
  const maxMs = times.max ?? Math.max(5 * 60_000, times.base);
  if (maxMs < times.base) {
    throw invalid(`${owner}.open.max`, `(${maxMs} ms) must not be less than base (${times.base} ms).`);
  }
  if (rest.probeFailures >= rest.probes) {
    const failures = `(${rest.probeFailures}) must be less than probes (${rest.probes})`;
    throw invalid(`${owner}.probeFailures`, `${failures}: it would close though every probe failed.`);
  }
  const bucketMs = Math.ceil(window / rest.buckets);
  return {
    ...rest,
    slowCallMs: slowCall ?? Infinity,
    bucketMs,
    open: { baseMs: times.base, factor: times.factor, maxMs },
    probeLeaseMs: probeLease ?? Math.max(30_000, (timeout ?? 0) + 5_000),
    timeoutMs: timeout,
    flushEveryMs: flushEvery,
    pollEveryMs: pollEvery,
    patienceMs: patience,
    ttlMs: bucketMs * rest.buckets + 2 * maxMs + 60_000,
  };
}

function invalid(field: string, rule: string): InvalidInputError {
  return new InvalidInputError("OPTION_INVALID", field, `${field} ${rule}`);
}
