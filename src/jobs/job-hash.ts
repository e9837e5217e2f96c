import { InvalidInputError, show } from "../core/index.ts";
import { lineOfBatch } from "./batch.ts";
import { textOf } from "./codec.ts";
import type { Job, JobFailure, JobStatus, StoredJob } from "./job.ts";
import { PackedWords } from "./packed-words.ts";

/** The fields of a job's hash: only those that have a value. */
export type JobHash = Readonly<Record<string, string | Uint8Array>>;

type Kind = "text" | "number" | "json" | "bytes";

/** Every field of a job's hash that a caller sees, with the way it is written. `errors` are `error:1`, `error:2`, … */
const kinds = {
  id: "text",
  name: "text",
  status: "text",
  headers: "json",
  routeParams: "json",
  queryParams: "json",
  payload: "bytes",
  result: "bytes",
  error: "json",
  retryCount: "number",
  maxRetries: "number",
  retryDelayUntil: "number",
  workerId: "text",
  createdAt: "number",
  startedAt: "number",
  completedAt: "number",
  lastUpdatedAt: "number",
  priority: "number",
  recoveryCount: "number",
  timeoutMs: "number",
  progress: "json",
  trace: "text",
} as const satisfies Partial<Record<keyof Job, Kind>>;

const kindOf = new Map<string, Kind>(Object.entries(kinds));

/** Numbers that are not written when they are zero: most jobs have no priority and were never retried. */
const zeroIsAbsent: ReadonlySet<string> = new Set(["retryCount", "maxRetries", "priority", "recoveryCount"]);

/**
 * Turns a job, or a part of one, into the fields of its hash. What has no value is left out, so that a typical job has
 * eight fields and not twenty-two: it takes half the memory.
 *
 * @example
 * toHash({ id: "a", name: "welcome", maxRetries: 3 }); // { id: "a", name: "welcome", maxRetries: "3" }
 */
export function toHash(job: Partial<StoredJob>): JobHash {
  const hash: Record<string, string | Uint8Array> = {};
  for (const field in job) {
    const value = job[field as keyof StoredJob];
    const kind = kindOf.get(field);
    if (kind === undefined || value === undefined || (value === 0 && zeroIsAbsent.has(field))) continue;
    hash[field] = kind === "json" ? jsonOf(field, value) : kind === "bytes" ? (value as Uint8Array | string) : String(value);
  }
  for (const [index, failure] of (job.errors ?? []).entries()) {
    hash[`error:${failure.attempt ?? index + 1}`] = JSON.stringify(failure);
  }
  return hash;
}

/** A value in JSON. @throws {InvalidInputError} it has none: it is a function, holds a bigint, or holds itself */
export function jsonOf(field: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch {
    // Told below, with the name of the field.
  }
  if (json !== undefined) return json;
  throw new InvalidInputError("INPUT_INVALID", field, `${field} must be something that JSON can hold, not ${show(value)}.`);
}

/**
 * Turns a hash, as pairs or as HGETALL gives it, into a job. Fields that it does not know are passed over, so that an older
 * program reads what a newer one wrote.
 *
 * @returns the job, or `undefined` if there is none: the hash is empty
 */
export function fromHash(hash: JobHash | readonly (string | Uint8Array)[]): StoredJob | undefined {
  const words = Array.isArray(hash) ? (hash as readonly (string | Uint8Array)[]) : Object.entries(hash as JobHash).flat();
  if (words.length === 0) return undefined;
  const job = emptyJob();
  const errors: { attempt: number; failure: JobFailure }[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const field = textOf(words[index] as string | Uint8Array);
    const value = words[index + 1] as string | Uint8Array;
    const kind = kindOf.get(field);
    if (kind !== undefined) job[field] = read(kind, value);
    else if (field.startsWith("error:")) {
      const attempt = Number(field.slice(6));
      errors.push({ attempt, failure: { ...(parsed(textOf(value)) as JobFailure), attempt } });
    }
  }
  if (errors.length > 0) job["errors"] = errors.sort((a, b) => a.attempt - b.attempt).map(({ failure }) => failure);
  return job as unknown as StoredJob;
}

type Writable = { -readonly [Field in keyof StoredJob]: StoredJob[Field] };

/**
 * Makes jobs of what a claim answers: their ids, how long the line of each is, when those of a batch were created, and the lines. Of a
 * plain one, which was never tried, that is four words, createdAt, maxRetries, name and order, and its payload; to name fields costs
 * half of reading a hash of unknown ones. Of one of a batch it is what `lua/batch.lua` says, and of the others the packed hash.
 *
 * @param text payloads and results are text, not bytes
 */
export function claimedJobs(
  packed: Uint8Array,
  claim: Pick<StoredJob, "status" | "workerId" | "startedAt" | "lastUpdatedAt">,
  text: boolean,
): StoredJob[] {
  const jobs: StoredJob[] = [];
  if (packed.length === 0) return jobs;
  const words = new PackedWords(packed);
  const ids: string[] = [];
  for (let left = words.array(); left > 0; left--) ids.push(words.text());
  const sizes: number[] = [];
  for (let left = words.array(); left > 0; left--) sizes.push(words.size());
  const births: string[] = [];
  for (let left = words.array(); left > 0; left--) births.push(words.text());
  for (let place = 0; place < ids.length; place++) {
    const size = sizes[place] as number;
    const end = words.at + size;
    const plain = size === 0 || !words.isArray;
    const job = (
      plain ? plainJob(ids[place] as string, births[place] as string, words, end, text) : unpackJob(words.rest(end), { text })
    ) as Writable;
    // Each by itself: to assign an object costs a job 1 µs.
    job.status = claim.status;
    job.workerId = claim.workerId;
    job.startedAt = claim.startedAt;
    job.lastUpdatedAt = claim.lastUpdatedAt;
    jobs.push(job);
  }
  return jobs;
}

function plainJob(id: string, birth: string, words: PackedWords, end: number, text: boolean): StoredJob {
  const job = emptyJob();
  job["id"] = id;
  if (words.head === lineOfBatch.head) {
    job["createdAt"] = Number(birth);
    words.fixed(lineOfBatch.nameAndPlace);
    job["maxRetries"] = Number(words.fixed(lineOfBatch.retries));
    job["name"] = words.fixed(Number(words.fixed(lineOfBatch.nameBytes)));
  } else {
    job["createdAt"] = Number(words.text());
    job["maxRetries"] = Number(words.text());
    job["name"] = words.text();
    words.passOver();
  }
  const payload = text ? words.restText(end) : words.rest(end);
  // What is empty is none.
  job["payload"] = payload.length > 0 ? payload : undefined;
  return job as unknown as StoredJob;
}

/**
 * Reads what a script packed of a job: its fields and what they hold by turns, or only what those hold that it was asked for.
 *
 * @param how.fields those that it was asked for
 * @param how.text payloads and results are text, not bytes. @default false
 * @returns the job, or `undefined` if there is none
 */
export function unpackJob(
  packed: Uint8Array,
  { fields, text = false }: { readonly fields?: readonly string[]; readonly text?: boolean } = {},
): StoredJob | undefined {
  const words = new PackedWords(packed);
  const hash: (string | Uint8Array)[] = [];
  const count = words.array();
  for (let place = 0; place < count; place++) {
    const field = fields === undefined ? words.text() : (fields[place] as string);
    if (words.missing()) continue;
    hash.push(field, kindOf.get(field) === "bytes" && !text ? (words.bytes() as Uint8Array) : words.text());
  }
  return fromHash(hash);
}

/** A job with every field in place, so that all jobs have one shape and none is missing what its type promises. */
function emptyJob(): Record<string, unknown> {
  return {
    id: "",
    name: "",
    status: "queued" satisfies JobStatus,
    payload: undefined,
    result: undefined,
    error: undefined,
    errors: noErrors,
    priority: 0,
    retryCount: 0,
    maxRetries: 0,
    recoveryCount: 0,
    retryDelayUntil: undefined,
    timeoutMs: undefined,
    progress: undefined,
    workerId: undefined,
    createdAt: 0,
    startedAt: undefined,
    completedAt: undefined,
    lastUpdatedAt: 0,
    headers: undefined,
    routeParams: undefined,
    queryParams: undefined,
    trace: undefined,
  };
}

const noErrors: readonly JobFailure[] = Object.freeze([]);

function read(kind: Kind, value: string | Uint8Array): unknown {
  if (kind === "bytes") return value;
  const text = textOf(value);
  return kind === "text" ? text : kind === "number" ? Number(text) : parsed(text);
}

/** JSON that somebody else spoilt is no value: one such job must not keep a worker from all others. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
