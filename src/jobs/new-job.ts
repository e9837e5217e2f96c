import { type Duration, InvalidInputError, randomId, show, toMs } from "../core/index.ts";
import type { StoredJob } from "./job.ts";
import { type JobHash, toHash } from "./job-hash.ts";
import type { Add } from "./scripts.gen.ts";

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

/** What {@link NewJob} has. */
export const newJobFields: readonly string[] = [
  ...["id", "name", "payload", "delay", "runAt", "maxRetries", "priority", "timeoutMs"],
  ...["trace", "headers", "routeParams", "queryParams"],
];

/** A job that was checked and made ready to be stored. */
export interface JobRow {
  readonly id: string;
  /** The id is a random one of our own: if it is there already, this very call made it, and its first reply was lost. */
  readonly ownId: boolean;
  readonly name: string;
  readonly maxRetries: number;
  readonly payload: Uint8Array | string | undefined;
  /** What few jobs have: other fields, and when it is due. A claim reads the whole hash of a job that has any. */
  readonly more: JobHash | undefined;
}

/** What became of a job that was to be created. */
export interface Created {
  readonly id: string;
  /** `false` if there was a job of that id already. It was left as it is. */
  readonly created: boolean;
}

/** What is to be done. */
type Work = Pick<NewJob, "name" | "payload"> & { readonly timeoutMs?: number | undefined };
/** When, how urgently, and what goes with it. */
type Terms = { readonly [Term in Exclude<keyof NewJob, keyof Work>]?: NewJob[Term] | undefined };

/** The same as {@link rowOf} for a job that has nothing but a name and a payload, as most do. */
export function plainRow(name: string, payload: Uint8Array | string | undefined, maxRetries: number): JobRow {
  checkName(name);
  return { id: randomId(), ownId: true, name, maxRetries, payload, more: undefined };
}

/**
 * Checks a job that is to be created, and makes it ready to be stored. Its terms come as the caller has them: to copy them costs as
 * much as all the rest of an addition.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`, naming the field
 */
export function rowOf({ name, payload, timeoutMs }: Work, terms: Terms, defaultRetries: number): JobRow {
  const { delay, runAt, id = randomId(), priority = 0, maxRetries = defaultRetries } = terms;
  if (terms.id !== undefined) checkId(id);
  checkPriority(priority);
  checkName(name);
  if (delay !== undefined && runAt !== undefined) throw unfit("runAt", "left out when there is a delay", runAt);
  checkRetries(maxRetries);
  if (timeoutMs !== undefined) checkTimeout(timeoutMs);
  return { id, ownId: terms.id === undefined, name, maxRetries, payload, more: moreOf(terms, priority, timeoutMs) };
}

function moreOf(terms: Terms, priority: number, timeoutMs: number | undefined): JobHash | undefined {
  const { delay, runAt, trace, headers, routeParams, queryParams } = terms;
  // A delay or a limit of nothing is a value too.
  const isPlain =
    priority === 0 && (delay ?? runAt ?? timeoutMs) === undefined && !(trace || headers || routeParams || queryParams);
  if (isPlain) return undefined;
  const more: Record<string, string | Uint8Array> = toHash({ priority, timeoutMs, trace, headers, routeParams, queryParams });
  if (delay !== undefined) more["delayMs"] = String(toMs(delay, "delay"));
  if (runAt !== undefined) more["due"] = String(instantOf(runAt));
  return more;
}

/** Jobs as the script takes them: most are told by their id and payload, and have their name and retries in common. */
export function additionOf(rows: readonly JobRow[]): Pick<Add["args"], "named" | "name" | "maxRetries" | "jobs" | "others"> {
  const { name, maxRetries } = rows[0] as JobRow;
  const others: Add["args"]["others"][number][] = [];
  let place = 0;
  let named = false;
  for (const row of rows) {
    place++;
    if (!row.ownId) named = true;
    if (row.more === undefined && row.name === name && row.maxRetries === maxRetries) continue;
    others.push({ place, name: row.name, maxRetries: row.maxRetries, more: row.more ?? {} });
  }
  return { named, name, maxRetries, jobs: rows, others };
}

/** What became of each row, by the places of those that were there already. */
export function createdOf(rows: readonly JobRow[], existing: readonly number[]): readonly Created[] {
  const created: { id: string; created: boolean }[] = [];
  for (const { id } of rows) created.push({ id, created: true });
  for (const place of existing) (created[place - 1] as { created: boolean }).created = rows[place - 1]?.ownId === true;
  return created;
}

function instantOf(runAt: unknown): number {
  const instant = runAt instanceof Date ? runAt.getTime() : runAt;
  if (Number.isInteger(instant) && Math.abs(instant as number) <= 8.64e15) return instant as number;
  throw unfit("runAt", "a Date or milliseconds since 1970", runAt);
}

function checkName(name: unknown): void {
  if (typeof name !== "string" || name.length === 0 || name.length > 200)
    throw unfit("name", "text of 1 to 200 characters", name);
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

/** Checks how often a job is to be retried. @throws {InvalidInputError} `INPUT_INVALID` */
export function checkRetries(maxRetries: unknown): void {
  if (Number.isInteger(maxRetries) && (maxRetries as number) >= 0 && (maxRetries as number) <= 1_000) return;
  throw unfit("maxRetries", "a whole number from 0 to 1000", maxRetries);
}

/** Checks how long an attempt may take. A timer has 31 bits. @throws {InvalidInputError} `INPUT_INVALID` */
export function checkTimeout(timeoutMs: unknown): void {
  if (Number.isInteger(timeoutMs) && (timeoutMs as number) >= 0 && (timeoutMs as number) < 2 ** 31) return;
  throw unfit("timeout", "at most 24 days, or 0 for as long as it takes", timeoutMs);
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}
