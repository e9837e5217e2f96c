import { createHash } from "node:crypto";
import { hasEnded, type Job, type JobFailure, type StoredJob } from "../jobs/index.ts";
import { type ProblemError, problem } from "./problem.ts";
import type { Settings } from "./settings.ts";

/** Where a job and its result are. */
export interface JobLinks {
  readonly self: string;
  readonly result: string;
}

/** A job as `GET /jobs/{id}` shows it. Instants are ISO 8601; what has no value is `null`. */
export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly status: Job["status"];
  readonly progress: unknown;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly lastUpdatedAt: string | null;
  /** When a scheduled job is due. */
  readonly dueAt: string | null;
  /** Why the last attempt failed, unless a later one succeeded. */
  readonly error: { readonly code: string; readonly message?: string; readonly stack?: string } | null;
  readonly links: JobLinks;
}

/** Headers that every answer with something of a job has: nobody is to guess its type, or keep it for others. */
export const plainHeaders: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** The paths of a job, as a client sees them. */
export function linksOf(settings: Settings, id: string): JobLinks {
  const self = `${settings.publicPath}${settings.jobsPath}/${encodeURIComponent(id)}`;
  return { self, result: `${self}/result` };
}

/** A job as its client sees it: no payload, no result, and no more of an error than `errorDetail` allows. */
export function viewOf(settings: Settings, job: Omit<Job, "payload" | "result">): JobView {
  return {
    id: job.id,
    name: job.name,
    status: job.status,
    progress: job.progress ?? null,
    retryCount: job.retryCount,
    maxRetries: job.maxRetries,
    createdAt: iso(job.createdAt),
    startedAt: iso(job.startedAt),
    completedAt: iso(job.completedAt),
    lastUpdatedAt: iso(job.lastUpdatedAt),
    dueAt: job.status === "scheduled" ? iso(job.retryDelayUntil) : null,
    error: job.error === undefined || job.status === "completed" ? null : errorView(settings, job.error),
    links: linksOf(settings, job.id),
  };
}

function errorView(settings: Settings, { name, code = name, message, stack }: JobFailure): JobView["error"] {
  return {
    code,
    ...(settings.errorDetail === "code" ? {} : { message }),
    ...(settings.errorDetail === "stack" && stack !== undefined ? { stack } : {}),
  };
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}

/** In whole seconds: when to ask for a job again; for one that is not due for long, later. */
export function retryAfterOf(settings: Settings, job?: Pick<Job, "status" | "retryDelayUntil">): string {
  const dueInMs = job?.status === "scheduled" ? (job.retryDelayUntil ?? 0) - Date.now() : 0;
  // An hour at most: it may be run before it is due, or canceled.
  return String(Math.max(1, Math.ceil(Math.max(settings.retryAfterMs, Math.min(dueInMs, 3_600_000)) / 1_000)));
}

/** The answer to a question for a job: whole, or 304 if the client has it already. */
export function jobResponse(settings: Settings, request: Request, job: StoredJob, headers: Record<string, string>): Response {
  const view = viewOf(settings, job);
  const later: Record<string, string> = hasEnded(job.status) ? {} : { "retry-after": retryAfterOf(settings, job) };
  // Who accepts events gets another body of the same path.
  return revalidated(request, etagOf(view), JSON.stringify(view), { ...plainHeaders, vary: "accept", ...later, ...headers });
}

/** What a job's entity tag is (RFC 9110, section 8.8.3): the same as long as there is nothing new to see. */
export function etagOf(view: JobView): string {
  return `"${createHash("sha256").update(JSON.stringify(view)).digest("base64url").slice(0, 22)}"`;
}

/**
 * The answer to a question for a job's result: the bytes as they were stored.
 *
 * @throws {ProblemError} `job-not-ready`, `job-canceled` or `job-failed`
 */
export function resultResponse(settings: Settings, request: Request, job: StoredJob, headers: Record<string, string>): Response {
  const refusal = refusalOf(settings, job, headers);
  if (refusal !== undefined) throw refusal;
  const { "content-type": _, ...rest } = plainHeaders;
  if (job.result === undefined) return new Response(null, { status: 204, headers: { ...rest, ...headers } });
  const produces = settings.routes.find((route) => route.job === job.name)?.produces ?? "application/octet-stream";
  return revalidated(request, `"${job.completedAt}"`, job.result, { ...rest, ...headers, "content-type": produces });
}

function refusalOf(settings: Settings, job: StoredJob, headers: Record<string, string>): ProblemError | undefined {
  const links = linksOf(settings, job.id);
  const members = { job: { id: job.id, status: job.status, links } };
  switch (job.status) {
    case "completed":
      return undefined;
    case "canceled":
      return problem("job-canceled", "It was canceled, so there will be no result.", { headers, members });
    case "failed": {
      const { code, message, stack } = errorView(settings, job.error ?? { name: "Error", message: "", at: 0 }) ?? {
        code: "Error",
      };
      const status = settings.routes.find((route) => route.job === job.name && route.failures.has(code))?.failures.get(code);
      return problem("job-failed", message || "Its last attempt failed.", {
        headers,
        members: { ...members, code, ...(stack === undefined ? {} : { stack }) },
        ...(status === undefined ? {} : { status }),
      });
    }
    default:
      return problem("job-not-ready", `It is ${job.status}. Ask again later, or with Prefer: wait=10.`, {
        headers: { ...headers, "retry-after": retryAfterOf(settings, job) },
        members,
      });
  }
}

/** A client may keep what has an ETag, for itself, and asks each time whether it still holds. */
function revalidated(request: Request, etag: string, body: string | Uint8Array, given: Record<string, string>): Response {
  const isGet = request.method === "GET" || request.method === "HEAD";
  const headers = isGet ? { ...given, "cache-control": "private, no-cache", etag } : given;
  const known = isGet
    ? (request.headers.get("if-none-match") ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""))
    : [];
  if (known.includes(etag) || known.includes("*")) {
    const { "content-type": _, ...rest } = headers;
    return new Response(null, { status: 304, headers: rest });
  }
  return new Response(body, { status: 200, headers });
}
