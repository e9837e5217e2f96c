/**
 * Where a job stands.
 *
 * `queued → in-progress → completed | failed | canceled`; `in-progress → scheduled → queued` for a retry or a snooze;
 * a delayed job begins as `scheduled`. `failed` is the dead letter: it can be replayed.
 */
export type JobStatus = "queued" | "scheduled" | "in-progress" | "completed" | "failed" | "canceled";

/** Why an attempt failed. */
export interface JobFailure {
  /** Name of the error's class. */
  readonly name: string;
  readonly message: string;
  /** The error's `code`, if it has one. */
  readonly code?: string;
  readonly stack?: string;
  /** Which attempt it was, counted from 1. */
  readonly attempt?: number;
  /** When, in milliseconds since 1970 by the server's clock; for a handler's error by the worker's. */
  readonly at: number;
}

/** A job as it is kept. Instants are milliseconds since 1970, by the server's clock. What has no value is `undefined`. */
export interface Job<Payload = unknown, Result = unknown> {
  readonly id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly payload: Payload;
  readonly result: Result | undefined;
  /** Why the last attempt failed. Stays after a retry that succeeded. */
  readonly error: JobFailure | undefined;
  /** Why each of the last 20 failed attempts failed, oldest first. */
  readonly errors: readonly JobFailure[];
  /** Smaller goes first. */
  readonly priority: number;
  /** How many attempts have failed and were followed by another. */
  readonly retryCount: number;
  readonly maxRetries: number;
  /** How often the job was taken back from a worker whose lease lapsed. */
  readonly recoveryCount: number;
  /** When a scheduled job is due; of one that is scheduled no more, when it last was. */
  readonly retryDelayUntil: number | undefined;
  /** How long one attempt may take. */
  readonly timeoutMs: number | undefined;
  /** What the handler last told. */
  readonly progress: unknown;
  /** The worker that has the job, or had it last. */
  readonly workerId: string | undefined;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly completedAt: number | undefined;
  readonly lastUpdatedAt: number;
  /** Headers of the request that made the job, by lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[]>> | undefined;
  /** Parameters of the request's path. */
  readonly routeParams: Readonly<Record<string, string>> | undefined;
  /** Parameters of the request's query. */
  readonly queryParams: Readonly<Record<string, readonly string[]>> | undefined;
  /** Trace context to go on with: a `traceparent`. */
  readonly trace: string | undefined;
}

/** A job with payload and result as they are stored: bytes, or text where the store was told that all of it is text. */
export type StoredJob = Job<Uint8Array | string | undefined, Uint8Array | string>;

/** Whether a status is an end. */
export function hasEnded(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "canceled";
}
