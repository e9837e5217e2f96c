import type { Finished, Job } from "../jobs/index.ts";
import type { JobAbortedError } from "./errors.ts";

/** What became of a job, without its id and token. */
export type JobOutcome = Omit<Finished, "id" | "token" | "leaseEndsAt">;

/** What the jobs of one claim have in common. */
export interface Holding {
  readonly token: string;
  /** When their leases end, by the server's clock. */
  readonly claimedUntil: number;
  /** When they end at the earliest, by this process' monotonic clock. */
  readonly leaseEndsAt: number;
}

/** A job that this worker holds: from its claim until Redis has acknowledged its outcome, or the lease is lost. */
export class HeldJob {
  readonly job: Job;
  readonly token: string;
  /** When its claim said that its lease ends, by the server's clock. */
  readonly claimedUntil: number;
  readonly startedAt: number = performance.now();
  /** When the lease lapses at the earliest, by this process' monotonic clock, counted from before it was asked for. */
  leaseEndsAt: number;
  /** Its handler has answered, or its answer no longer matters. */
  over = false;
  /** What to tell Redis, once it is over. */
  outcome: JobOutcome | undefined;
  /** Ends the attempt when it has taken too long. */
  timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #reason: JobAbortedError | undefined;

  constructor(job: Job, { token, claimedUntil, leaseEndsAt }: Holding) {
    this.job = job;
    this.token = token;
    this.claimedUntil = claimedUntil;
    this.leaseEndsAt = leaseEndsAt;
  }

  /** Made when it is first asked for: most handlers of short jobs never look at it, and it costs a microsecond. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Tells the handler to stop. */
  abort(reason: JobAbortedError): void {
    clearTimeout(this.timer);
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
