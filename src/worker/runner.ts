import type { Backoff, RedluaError } from "../core/index.ts";
import { failureOf, type Queue } from "../jobs/index.ts";
import { JobDirective, type Wish } from "./directive.ts";
import { JobAbortedError } from "./errors.ts";
import type { FindHandler, JobContext } from "./handler.ts";
import type { HeldJob, JobOutcome } from "./held-job.ts";

/** What a runner needs. */
export interface RunnerParts {
  readonly queue: Queue;
  readonly backoff: Backoff;
  readonly findHandler: FindHandler;
  /** How long an attempt may take, unless the job says so itself; 0 for as long as it takes. */
  readonly timeoutMs: number;
  /** The jobs of this worker. */
  readonly held: ReadonlySet<HeldJob>;
  readonly progress: (held: HeldJob, value: unknown) => Promise<boolean>;
  /** Called once a job, when its handler is through or given up. `error` is what it threw. */
  readonly over: (held: HeldJob, error: unknown) => void;
}

/** An attempt that may take longer gets its timer once it has taken so long: most are over by then, and a timer for each took 7 % of a worker's time. */
const youthMs = 1_000;

/** Runs handlers, and turns what they answer into outcomes. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #backoff: Backoff;
  /** Gives the attempts a timer that are no longer young. */
  #elder: NodeJS.Timeout | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#backoff = parts.backoff;
  }

  /** Starts a job's handler. Never throws. */
  start(held: HeldJob): void {
    const { job } = held;
    let answer: unknown;
    try {
      answer = this.#parts.findHandler(job.name)(job, new Attempt(held, this.#parts.progress));
      // Not only promises: a query of a database library begins when it is waited for. And a promise may have a `then` of
      // its own that throws.
      if (isThenable(answer)) {
        this.#await(held, Promise.resolve(answer));
        return;
      }
    } catch (error) {
      this.#failed(held, error);
      return;
    }
    // What has answered at once needs no timer.
    this.#done(held, answer);
  }

  #await(held: HeldJob, answer: Promise<unknown>): void {
    if (!held.over) this.#limit(held, youthMs);
    answer.then(
      (result) => this.#done(held, result),
      (error: unknown) => this.#failed(held, error),
    );
  }

  /** Watches over no attempt any more. */
  stop(): void {
    clearTimeout(this.#elder);
    this.#elder = undefined;
  }

  /** Sees to it that an attempt ends when its time is up: by a timer of its own, if that is within so long. */
  #limit(held: HeldJob, withinMs: number): void {
    const timeoutMs = held.job.timeoutMs ?? this.#parts.timeoutMs;
    if (timeoutMs === 0) return;
    if (timeoutMs <= withinMs) this.#endIn(held, timeoutMs);
    else if (this.#elder === undefined) this.#wait();
  }

  // By themselves: what a function gives a timer to remember is made when it begins, whether there is a timer or not.

  #endIn(held: HeldJob, timeoutMs: number): void {
    const leftMs = Math.max(0, held.startedAt + timeoutMs - performance.now());
    held.timer = setTimeout(() => this.#timeOut(held, timeoutMs), leftMs);
  }

  #wait(): void {
    this.#elder = setTimeout(() => this.#limitAll(), youthMs);
  }

  #limitAll(): void {
    this.#elder = undefined;
    for (const held of this.#parts.held) {
      if (!held.over && held.timer === undefined) this.#limit(held, Number.POSITIVE_INFINITY);
    }
  }

  /** Fails a job that cannot be run at all. */
  refuse(held: HeldJob, error: unknown): void {
    this.#failed(held, error);
  }

  #timeOut(held: HeldJob, timeoutMs: number): void {
    if (held.over) return;
    const { id } = held.job;
    const error = new JobAbortedError(
      "JOB_TIMEOUT",
      id,
      `Job ${id} took longer than ${timeoutMs} ms, which is its limit for one attempt.`,
    );
    held.abort(error);
    this.#end(held, this.#failure(held, error, this.#backoff(held.job.retryCount + 1)), error);
  }

  #done(held: HeldJob, answer: unknown): void {
    if (held.timer !== undefined) clearTimeout(held.timer);
    if (held.over) return;
    if (answer instanceof JobDirective) {
      this.#end(held, this.#wished(held, answer.wish, answer), answer);
      return;
    }
    try {
      this.#end(held, { outcome: "completed", result: this.#parts.queue.encode("result", answer) }, undefined);
    } catch (error) {
      // A result that cannot be stored will be no better next time.
      this.#end(held, this.#failure(held, error, undefined), error);
    }
  }

  #failed(held: HeldJob, error: unknown): void {
    if (held.timer !== undefined) clearTimeout(held.timer);
    if (held.over) return;
    if (error instanceof JobDirective) this.#end(held, this.#wished(held, error.wish, error), error);
    else this.#end(held, this.#failure(held, error, this.#backoff(held.job.retryCount + 1)), error);
  }

  #wished(held: HeldJob, wish: Wish, error: RedluaError): JobOutcome {
    switch (wish.kind) {
      case "retry-after":
        return this.#failure(held, error, wish.delayMs);
      case "snooze":
        return { outcome: "snoozed", delayMs: wish.delayMs };
      case "unrecoverable":
        return this.#failure(held, error, undefined);
      case "cancel":
        return { outcome: "canceled" };
    }
  }

  #failure(held: HeldJob, error: unknown, delayMs: number | undefined): JobOutcome {
    const attempt = held.job.retryCount + 1;
    const failure = failureOf(error, attempt);
    // A directive is how a handler says it; what it is about is its cause, whose name and code a reader looks for.
    const told =
      error instanceof JobDirective && isError(error.cause)
        ? { ...failureOf(error.cause, attempt), message: failure.message }
        : failure;
    return { outcome: "failed", error: JSON.stringify(told), delayMs };
  }

  #end(held: HeldJob, outcome: JobOutcome, error: unknown): void {
    held.over = true;
    held.outcome = outcome;
    this.#parts.over(held, error);
  }
}

/** Of a proxy that was revoked even this cannot be asked. */
function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function isThenable(value: unknown): boolean {
  return value !== null && typeof value === "object" && typeof (value as { readonly then?: unknown }).then === "function";
}

/** What a handler is given. Most use none of it, so it is made when it is asked for. */
class Attempt implements JobContext {
  readonly #held: HeldJob;
  readonly #progress: RunnerParts["progress"];

  constructor(held: HeldJob, progress: RunnerParts["progress"]) {
    this.#held = held;
    this.#progress = progress;
  }

  get signal(): AbortSignal {
    return this.#held.signal;
  }

  get attempt(): number {
    return this.#held.job.retryCount + 1;
  }

  /** A function that may be taken off: handlers write `{ progress }`. */
  get progress(): JobContext["progress"] {
    return (value) => this.#progress(this.#held, value);
  }
}
