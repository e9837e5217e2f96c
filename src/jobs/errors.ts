import { RedluaError } from "../core/index.ts";

/** A payload or result is larger than the queue allows. Nothing was stored. */
export class JobTooLargeError extends RedluaError {
  override readonly code = "JOB_TOO_LARGE";
  /** What is too large: `payload` or `result`. */
  readonly field: string;
  readonly size: number;
  readonly limit: number;

  constructor(queue: string, field: string, size: number, limit: number) {
    super(
      `The ${field} for queue "${queue}" has ${size} bytes; the limit is ${limit}. ` +
        `Store it elsewhere and queue a reference, or raise the queue's "maxBytes".`,
    );
    this.field = field;
    this.size = size;
    this.limit = limit;
  }
}
