import { randomUUID } from "node:crypto";
import { type Duration, InvalidInputError, show, toMs } from "../core/index.ts";
import type { StoredJob } from "./job.ts";
import { type JobHash, toHash } from "./job-hash.ts";

/** A job to be created. Payload and the rest are stored as they are. */
export interface NewJob
  extends Partial<
    Pick<StoredJob, "id" | "maxRetries" | "priority" | "timeoutMs" | "trace" | "headers" | "routeParams" | "queryParams">
  > {
  readonly name: string;
  readonly payload?: Uint8Array | string | undefined;
  /** Due so long from now. */
  readonly delay?: Duration | undefined;
  /** Due then, by the server's clock; instead of `delay`. */
  readonly runAt?: Date | number | undefined;
}

/** A job that was checked and made ready to be stored. */
export interface JobRow {
  readonly id: string;
  readonly priority: number;
  readonly delayMs: number;
  readonly due: number | Date | undefined;
  readonly fields: JobHash;
}

/**
 * Checks a job that is to be created, and makes it ready to be stored.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`, naming the field
 */
export function rowOf(job: NewJob, defaultRetries: number): JobRow {
  const { delay, runAt, id = randomUUID(), priority = 0, maxRetries = defaultRetries, ...fields } = job;
  checkId(id);
  checkPriority(priority);
  if (typeof job.name !== "string" || job.name.length === 0 || job.name.length > 200)
    throw unfit("name", "text of 1 to 200 characters", job.name);
  if (delay !== undefined && runAt !== undefined) throw unfit("runAt", "left out when there is a delay", runAt);
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > 1_000)
    throw unfit("maxRetries", "a whole number from 0 to 1000", maxRetries);
  const stored = toHash({ ...(fields as Partial<StoredJob>), priority, maxRetries });
  return { id, priority, delayMs: delay === undefined ? 0 : toMs(delay, "delay"), due: runAt, fields: stored };
}

/** Checks a job's id. @throws {InvalidInputError} `INPUT_INVALID` */
export function checkId(id: unknown): asserts id is string {
  if (typeof id === "string" && /^[^\s]{1,200}$/.test(id)) return;
  throw new InvalidInputError("INPUT_INVALID", "id", `A job's id is 1 to 200 characters without spaces, not ${show(id)}.`);
}

/** Checks a priority. @throws {InvalidInputError} `INPUT_INVALID` */
export function checkPriority(priority: unknown): void {
  if (Number.isInteger(priority) && (priority as number) >= -1024 && (priority as number) <= 1023) return;
  throw unfit("priority", "a whole number from -1024 to 1023 (smaller goes first)", priority);
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}
