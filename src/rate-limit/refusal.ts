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
  const [type, title, facts] = described(decision);
  const status = decision.outcome === "degraded" && decision.mode !== "local" ? 503 : 429;
  return { status, body: JSON.stringify({ type: `${types}#${type}`, title, status, ...facts }) };
}

function described(decision: Denied | Degraded): readonly [type: string, title: string, facts: object] {
  if (decision.outcome === "degraded") {
    return ["temporary-reduced-capacity", "The request cannot be served right now", {}];
  }
  if (decision.reason === "blocked") return ["abnormal-usage-detected", "Requests of this client are blocked for now", {}];
  const violated = decision.policies.filter(({ allowed }) => !allowed).map(({ policy }) => policy.name);
  const detail =
    decision.reason === "cost" ? "The request costs more than is ever allowed." : `Try again in ${decision.retryInMs} ms.`;
  return ["quota-exceeded", "The quota for such requests is used up", { detail, "violated-policies": violated }];
}
