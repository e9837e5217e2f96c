import { type Duration, RedluaError, toMs } from "../core/index.ts";

/** What a handler wants to happen to its job, other than success and plain failure. */
export type Wish =
  | { readonly kind: "retry-after"; readonly delayMs: number }
  | { readonly kind: "snooze"; readonly delayMs: number }
  | { readonly kind: "unrecoverable" }
  | { readonly kind: "cancel" };

/**
 * What a handler returns or throws to say what should become of its job. Make it with {@link retryAfter},
 * {@link snooze}, {@link unrecoverable} or {@link cancel}. It is an error, so that it can be thrown from deep inside.
 */
export class JobDirective extends RedluaError {
  override readonly code = "JOB_DIRECTIVE";
  readonly wish: Wish;

  constructor(wish: Wish, message: string, cause?: unknown) {
    super(message, { cause });
    this.wish = wish;
  }
}

/**
 * Fail this attempt, and try again after so long instead of after the queue's backoff, if there are retries left.
 *
 * @example
 * if (response.status === 429) throw retryAfter("30s", "the mail server is busy");
 */
export function retryAfter(delay: Duration, reason: string, cause?: unknown): JobDirective {
  return new JobDirective({ kind: "retry-after", delayMs: toMs(delay, "delay") }, reason, cause);
}

/**
 * Put the job back for so long. No attempt is used up.
 *
 * @example
 * if (!(await invoiceIsReady(job.payload.id))) return snooze("10m");
 */
export function snooze(delay: Duration): JobDirective {
  return new JobDirective({ kind: "snooze", delayMs: toMs(delay, "delay") }, "The job was put back for later.");
}

/**
 * Fail the job for good, whatever retries it has left: it is a dead letter.
 *
 * @example
 * if (!isAddress(job.payload.to)) throw unrecoverable(`"${job.payload.to}" is no address`);
 */
export function unrecoverable(reason: string, cause?: unknown): JobDirective {
  return new JobDirective({ kind: "unrecoverable" }, reason, cause);
}

/** End the job as canceled. */
export function cancel(): JobDirective {
  return new JobDirective({ kind: "cancel" }, "The handler canceled the job.");
}
