import { InvalidInputError, show } from "../core/index.ts";
import type { Decision, PolicyReport } from "./decision.ts";
import type { Policy } from "./policy.ts";

/**
 * Which version of the IETF draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers) is spoken.
 *
 * - `draft-6`: `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset`, `RateLimit-Policy: 100;w=60`
 * - `draft-7`: `RateLimit: limit=100, remaining=50, reset=30`, `RateLimit-Policy: 100;w=60`
 * - `draft-8`, and every one since: `RateLimit: "api";r=50;t=30`, `RateLimit-Policy: "api";q=100;w=60`
 */
export type HeaderDraft = (typeof drafts)[number];

/** Their names. */
export const drafts = ["draft-6", "draft-7", "draft-8"] as const;

/**
 * What a response says of a decision: `RateLimit`, `RateLimit-Policy`, and `Retry-After` if it is a denial.
 *
 * Times are whole seconds, rounded up, so a client that comes back when it is told to is not too early. A decision that Redis did
 * not make says nothing but when to try again.
 *
 * @example
 * const headers = rateLimitHeaders(decision, "draft-8");
 * // { "ratelimit-policy": '"api";q=100;w=60', "ratelimit": '"api";r=99;t=1' }
 */
export function rateLimitHeaders(decision: Decision, draft: HeaderDraft = "draft-8"): Readonly<Record<string, string>> {
  if (!drafts.includes(draft)) {
    throw new InvalidInputError("INPUT_INVALID", "draft", `draft must be one of ${drafts.join(", ")}, not ${show(draft)}.`);
  }
  const headers: Record<string, string> = {};
  if (decision.outcome !== "degraded")
    Object.assign(headers, draft === "draft-8" ? named(decision.policies) : unnamed(decision, draft));
  if (!decision.allowed && decision.retryInMs !== undefined) headers["retry-after"] = String(seconds(decision.retryInMs));
  return headers;
}

/** Since draft 8: every policy by its name. */
function named(reports: readonly PolicyReport[]): Record<string, string> {
  return {
    "ratelimit-policy": reports.map(({ policy }) => `"${policy.name}";q=${policy.limit};${windowOf(policy)}`).join(", "),
    ratelimit: reports.map((report) => `"${report.policy.name}";r=${report.remaining};t=${resetOf(report)}`).join(", "),
  };
}

/** Up to draft 7: the policies without names, and how the tightest of them stands. */
function unnamed({ policies }: { readonly policies: readonly PolicyReport[] }, draft: HeaderDraft): Record<string, string> {
  const tightest = policies.reduce((one, other) => (isTighter(other, one) ? other : one));
  const [limit, remaining, reset] = [tightest.policy.limit, tightest.remaining, resetOf(tightest)];
  const policy = policies.map((report) => `${report.policy.limit};${windowOf(report.policy)}`).join(", ");
  if (draft === "draft-7")
    return { "ratelimit-policy": policy, ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}` };
  return {
    "ratelimit-policy": policy,
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(reset),
  };
}

/** Whether one policy holds a client back more than another: the one to wait for longest, then the one with the least left. */
function isTighter(one: PolicyReport, other: PolicyReport): boolean {
  const [wait, otherWait] = [one.retryInMs ?? Number.POSITIVE_INFINITY, other.retryInMs ?? Number.POSITIVE_INFINITY];
  return wait === otherWait ? one.remaining < other.remaining : wait > otherWait;
}

/** The drafts have no word for a burst; further parameters are allowed, and ignored by who does not know them. */
function windowOf({ algorithm, limit, perMs, burst }: Policy): string {
  const plain = algorithm === "gcra" ? burst === limit : burst === 0;
  return `w=${seconds(perMs)}${plain ? "" : `;burst=${burst}`}`;
}

/** When there is more: for who is denied when the call fits, which `Retry-After` must not come before. */
function resetOf({ allowed, retryInMs, resetInMs }: PolicyReport): number {
  return Math.ceil((allowed ? resetInMs : (retryInMs ?? resetInMs)) / 1_000);
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
