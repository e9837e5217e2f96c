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
  readonly name: string;
  readonly maxRetries: number;
  /** All its other fields that have a value. */
  readonly fields: JobHash;
}

/**
 * Checks a job that is to be created, and makes it ready to be stored.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`, naming the field
 */
export function rowOf(job: NewJob, defaultRetries: number): JobRow {
  const { delay, runAt, id = randomUUID(), name, priority = 0, maxRetries = defaultRetries } = job;
  if (job.id !== undefined) checkId(id);
  checkPriority(priority);
  if (typeof name !== "string" || name.length === 0 || name.length > 200) throw unfit("name", "text of 1 to 200 characters", name);
  if (delay !== undefined && runAt !== undefined) throw unfit("runAt", "left out when there is a delay", runAt);
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > 1_000) {
    throw unfit("maxRetries", "a whole number from 0 to 1000", maxRetries);
  }
  const delayMs = delay === undefined ? 0 : toMs(delay, "delay");
  return { id, priority, delayMs, due: runAt, name, maxRetries, fields: fieldsOf(job, priority) };
}

/** What a job has beside its payload. A claim reads four fields of a plain job, and the whole hash of one that has `more`. */
function fieldsOf({ payload, timeoutMs, trace, headers, routeParams, queryParams }: NewJob, priority: number): JobHash {
  const plain = payload === undefined ? {} : { payload };
  const isPlain = !(priority || timeoutMs || trace || headers || routeParams || queryParams);
  return isPlain ? plain : { ...plain, ...toHash({ priority, timeoutMs, trace, headers, routeParams, queryParams }), more: "1" };
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
