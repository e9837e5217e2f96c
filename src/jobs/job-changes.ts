import { type Duration, refuseUnknown, toMs } from "../core/index.ts";
import type { StoredJob } from "./job.ts";
import { type JobHash, toHash } from "./job-hash.ts";
import { checkPriority, checkRetries, checkTimeout } from "./new-job.ts";

/** What may be changed of a job that has not begun. `null` clears a field. */
export interface JobChanges {
  readonly payload?: Uint8Array | string | null;
  readonly headers?: StoredJob["headers"] | null;
  readonly routeParams?: StoredJob["routeParams"] | null;
  readonly queryParams?: StoredJob["queryParams"] | null;
  readonly maxRetries?: number;
  readonly timeoutMs?: number | null;
  readonly priority?: number;
  /** Due so long from now; 0 for at once. */
  readonly delay?: Duration;
}

const changeable = ["payload", "headers", "routeParams", "queryParams", "maxRetries", "timeoutMs", "priority", "delay"];

/** Changes that were checked, as they are written. */
export interface ReadChanges {
  readonly priority: number | undefined;
  readonly delayMs: number | undefined;
  /** Fields to drop: those that are cleared, and those whose new value is written as nothing. */
  readonly cleared: readonly string[];
  readonly fields: JobHash;
}

/**
 * Checks changes, and makes them ready to be written.
 *
 * @throws {InvalidInputError} naming the field
 */
export function readChanges(changes: JobChanges): ReadChanges {
  refuseUnknown("update", changes, changeable);
  const { delay, ...rest } = changes;
  const { priority, maxRetries, timeoutMs } = rest;
  if (priority !== undefined) checkPriority(priority);
  if (maxRetries !== undefined) checkRetries(maxRetries);
  if (timeoutMs !== undefined && timeoutMs !== null) checkTimeout(timeoutMs);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const fields = toHash(Object.fromEntries(given.filter(([, value]) => value !== null)) as Partial<StoredJob>);
  const cleared = given.map(([field]) => field).filter((field) => !Object.hasOwn(fields, field));
  return { priority, delayMs: delay === undefined ? undefined : toMs(delay, "delay"), cleared, fields };
}
