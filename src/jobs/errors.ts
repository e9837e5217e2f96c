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

/** A queue is divided into another number of partitions than it was before. Nothing was changed. */
export class JobPartitionsError extends RedluaError {
  override readonly code = "JOB_PARTITIONS";
  /** How many this queue was made with. */
  readonly asked: number;
  /** How many it has. */
  readonly partitions: number;

  /**
   * @param jobs how many wait or run that are in no partition
   * @param meta the key that holds the number
   */
  constructor(queue: string, asked: number, partitions: number, jobs: number, meta: string) {
    super(
      jobs > 0
        ? `Queue "${queue}" has jobs that are in no partition (${jobs} wait or run), and they would not be found in ${asked}. Let a worker without "partitions" end them first.`
        : `Queue "${queue}" has ${partitions} partitions, not ${asked}: jobs would be looked for in the wrong ones. Give every process the same "partitions"; to change it, let all jobs end, and then delete the field "partitions" of the hash ${meta}.`,
    );
    this.asked = asked;
    this.partitions = partitions;
  }
}
