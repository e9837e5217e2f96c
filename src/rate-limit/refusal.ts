import type { Degraded, Denied } from "./decision.ts";

/** What a request that may not go ahead is answered. */
export interface Refusal {
  readonly status: 429 | 503;
  /** `application/problem+json` (RFC 9457). */
  readonly body: string;
}

/** The problem types that the IETF draft registers. */
const types = "https://iana.org/assignments/http-problem-types";

/**
 * The answer to a request that may not go ahead: 429 if the client asked too much, 503 if it is not the client's fault.
 */
export function refusalOf(decision: Denied | Degraded): Refusal {
  const [status, type, title, facts] = described(decision);
  return { status, body: JSON.stringify({ type: `${types}#${type}`, title, status, ...facts }) };
}

type Description = readonly [status: Refusal["status"], type: string, title: string, facts: object];

function described(decision: Denied | Degraded): Description {
  const { retryInMs } = decision;
  const detail = retryInMs === undefined ? "The request costs more than is ever allowed." : `Try again in ${retryInMs} ms.`;
  if (decision.outcome === "degraded") {
    // What never fits in this process' share of the limit may fit when Redis is back.
    if (decision.mode === "local" && retryInMs !== undefined) return exceeded({ detail });
    return [503, "temporary-reduced-capacity", "The request cannot be served right now", {}];
  }
  if (decision.reason === "blocked") return [429, "abnormal-usage-detected", "Requests of this client are blocked for now", {}];
  const violated = decision.policies.filter(({ allowed }) => !allowed).map(({ policy }) => policy.name);
  return exceeded({ detail, "violated-policies": violated });
}

function exceeded(facts: object): Description {
  return [429, "quota-exceeded", "The quota for such requests is used up", facts];
}
