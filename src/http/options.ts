import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/index.ts";
import type { AddOptions, Job, JobTypes, Queue } from "../jobs/index.ts";

/** How the body of a request becomes the payload of a job. */
export type BodyKind = "json" | "text" | "bytes" | "none";

/** A request that was found good, before its job is made. */
export interface Submission<Payload = unknown> {
  readonly request: Request;
  readonly payload: Payload;
  readonly routeParams: Readonly<Record<string, string>>;
  readonly queryParams: Readonly<Record<string, readonly string[]>>;
  /** Who asks, as the `principal` hook says. */
  readonly principal: string | undefined;
}

/** One endpoint: requests to it become jobs of a name. */
export interface RouteOptions<Name extends string = string, Payload = unknown> {
  /** @default "POST" */
  readonly method?: "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path, with parameters: `/api/orders/:order/invoice`. They are kept as the job's `routeParams`. */
  readonly path: string;
  /** Name of the jobs it makes. */
  readonly job: Name;
  /** What the body is: parsed JSON, text, bytes as they came, or nothing. @default "json"; "none" for DELETE */
  readonly body?: BodyKind;
  /** Content types that are taken: `text/csv`, `text/*`. @default those of the body: JSON, `text/*`, any */
  readonly accepts?: readonly string[];
  /** A larger body is refused, and not read to its end. @default the queue's `maxBytes`; it cannot be more */
  readonly maxBytes?: number;
  /** Checks the body, and makes the payload of it: zod, valibot, arktype, anything that speaks Standard Schema. */
  readonly schema?: StandardSchemaV1<unknown, Payload>;
  /** Headers of the request that are kept with the job. All others are not. @default [] */
  readonly headers?: readonly string[];
  /** Refuses requests without an `Idempotency-Key`. @default false */
  readonly idempotencyKeyRequired?: boolean;
  /** How the job is added: its priority, its delay, its retries. */
  readonly options?: (
    submission: Submission<Payload>,
  ) => Pick<AddOptions, "delay" | "runAt" | "priority" | "maxRetries" | "timeout">;
  /** Content type of the result. @default what the queue's codec writes: `application/json`, else `application/octet-stream` */
  readonly produces?: string;
  /** Status that a failed job is answered with, by its error's code: `{ CSV_MALFORMED: 422 }`. @default 500 for all */
  readonly failures?: Readonly<Record<string, number>>;
}

/** An endpoint for one of a queue's jobs. */
export type Route<Types extends JobTypes> = {
  [Name in keyof Types & string]: RouteOptions<Name, Types[Name]>;
}[keyof Types & string];

/** Options of {@link asyncEndpoints}. */
export interface AsyncEndpointsOptions<Types extends JobTypes = JobTypes> {
  readonly queue: Queue<Types>;
  readonly routes: readonly Route<Types>[];
  /** Where jobs are looked at: `GET /jobs/{id}`, `GET /jobs/{id}/result`, `DELETE /jobs/{id}`. @default "/jobs" */
  readonly jobsPath?: string;
  /** What a proxy or a framework took off the path before it came here; put before the links that are answered. @default "" */
  readonly publicPath?: string;
  /** Who asks: scopes Idempotency-Keys, and is kept with the job. Throw a `ProblemError` to refuse with 401. @default nobody */
  readonly principal?: (request: Request) => string | undefined | Promise<string | undefined>;
  /** Whether work is taken right now; otherwise 429. Asked before the body is read. @default always */
  readonly admit?: (request: Request) => boolean | Promise<boolean>;
  /** Who may see and cancel a job; to others it is unknown. The job comes without payload and result. @default whoever made it, if there is a `principal` hook; else all */
  readonly authorize?: (request: Request, job: Job) => boolean | Promise<boolean>;
  /** Longest that `Prefer: wait=…` is kept to. @default "30s" */
  readonly maxWait?: Duration;
  /** So many requests wait, and streams go on, at a time; further ones are answered at once. @default 1_000 */
  readonly maxWaiting?: number;
  /** Longest that a stream of events goes on; its client comes again by itself. @default "10m" */
  readonly maxStream?: Duration;
  /** When to ask again, for `Retry-After`, and to come again after a stream has ended. @default "1s" */
  readonly retryAfter?: Duration;
  /** How much is told of why a job failed. A stack tells how you are built. @default "message" */
  readonly errorDetail?: "code" | "message" | "stack";
  /**
   * Makes the ids of jobs with an `Idempotency-Key` unguessable for those who know the key; the same in every process.
   * @default none: such an id is as hard to guess as its key
   */
  readonly secret?: string;
  /** Hears what was answered with 500 or 503. @default console.error for 500 */
  readonly onError?: (error: unknown, request: Request) => void;
}
