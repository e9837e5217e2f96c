import { RedluaError } from "../core/index.ts";

/** What a refusal says, as RFC 9457 names it, beside further members of its own. */
export interface ProblemFacts {
  readonly status: number;
  /** What kind of problem it is: the same words each time. */
  readonly title: string;
  /** A URI that names the kind. @default "about:blank" */
  readonly type?: string | undefined;
  /** What went wrong this time, and what to do about it. */
  readonly detail?: string | undefined;
  /** Further members of the body: `{ errors: […] }`. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
  /** Further headers of the response. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A refusal that is answered as `application/problem+json` (RFC 9457).
 *
 * Throw it from a hook (`principal`, `admit`, `authorize`, `options`) to refuse a request in your own words.
 *
 * @example
 * throw new ProblemError({ status: 401, title: "Who are you?", headers: { "www-authenticate": "Bearer" } });
 */
export class ProblemError extends RedluaError {
  override readonly code = "HTTP_PROBLEM";
  readonly facts: ProblemFacts;

  constructor(facts: ProblemFacts, cause?: unknown) {
    super(facts.detail ?? facts.title, { cause });
    this.facts = facts;
  }
}

/** Name of a kind of problem that the endpoints answer by themselves: its type is `urn:redlua:problem:<kind>`. */
export type ProblemKind =
  | "bad-request"
  | "bad-json"
  | "empty-body"
  | "unexpected-body"
  | "bad-encoding"
  | "bad-idempotency-key"
  | "idempotency-key-missing"
  | "not-found"
  | "job-unknown"
  | "method-not-allowed"
  | "job-not-ready"
  | "job-ended"
  | "job-canceled"
  | "body-too-large"
  | "unsupported-media-type"
  | "body-invalid"
  | "idempotency-key-reused"
  | "too-many-requests"
  | "headers-too-large"
  | "job-failed"
  | "internal-error"
  | "unavailable";

/** The kinds, each with its status and title. */
export const problemKinds: Readonly<Record<ProblemKind, readonly [status: number, title: string]>> = {
  "bad-request": [400, "The request cannot be read"],
  "bad-json": [400, "The body is not JSON that can be used"],
  "empty-body": [400, "The body is empty"],
  "unexpected-body": [400, "The request has a body, and takes none"],
  "bad-encoding": [400, "The body is not text in UTF-8"],
  "bad-idempotency-key": [400, "The Idempotency-Key cannot be used"],
  "idempotency-key-missing": [400, "An Idempotency-Key is required"],
  "not-found": [404, "There is nothing here"],
  "job-unknown": [404, "There is no such job"],
  "method-not-allowed": [405, "The method is not one of this resource"],
  "job-not-ready": [409, "The job has not ended yet"],
  "job-ended": [409, "The job has ended already"],
  "job-canceled": [410, "The job was canceled"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "The body is of a type that is not taken here"],
  "body-invalid": [422, "The body does not fit the schema"],
  "idempotency-key-reused": [422, "The Idempotency-Key was used for another request"],
  "too-many-requests": [429, "No more work is taken right now"],
  "headers-too-large": [431, "A header is too large to be kept"],
  "job-failed": [500, "The job failed"],
  "internal-error": [500, "Something went wrong here"],
  unavailable: [503, "The jobs cannot be reached right now"],
};

/** A problem of a kind of our own. */
export function problem(
  kind: ProblemKind,
  detail: string,
  more: Pick<ProblemFacts, "members" | "headers"> & { readonly status?: number; readonly cause?: unknown } = {},
): ProblemError {
  const [status, title] = problemKinds[kind];
  const facts = { status: more.status ?? status, type: `urn:redlua:problem:${kind}`, title, detail };
  return new ProblemError({ ...facts, members: more.members, headers: more.headers }, more.cause);
}

/** The response to a request that was refused. */
export function problemResponse({ facts }: ProblemError, instance: string): Response {
  const { status, title, type = "about:blank", detail, members, headers } = facts;
  const standard = { type, title, status, ...(detail === undefined ? {} : { detail }), instance };
  // Twice: first to be read first, then so that no further member stands in for what the standard names.
  const body = { ...standard, ...members, ...standard };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "cache-control": "no-store",
      ...headers,
      "content-type": "application/problem+json",
      "x-content-type-options": "nosniff",
    },
  });
}
