import { ClientError } from "../client/index.ts";
import { ScriptError } from "../script/index.ts";
import { type ProblemError, problem } from "./problem.ts";

/** What a server says that cannot take work now and will later: it is full, loading, failing over, or busy. */
const away = new Set(["OOM", "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MISCONF", "NOREPLICAS"]);

/** Whether an error says that Redis could not be asked, and if so whether the call may have been carried out. */
export function unavailability(error: unknown): { readonly applied: "no" | "maybe" } | undefined {
  if (!(error instanceof ScriptError || error instanceof ClientError)) return undefined;
  const code = error instanceof ClientError ? (error.reply ?? error.code) : error.code;
  return code.startsWith("CLIENT_") || away.has(code) ? { applied: error.applied } : undefined;
}

/** 503 for a request that only reads, or that may simply be sent again. */
export function unavailable(cause: unknown, retryAfter: string): ProblemError {
  const detail = "The store of the jobs does not answer. Nothing is wrong with the request: send it again.";
  return problem("unavailable", detail, { cause, headers: { "retry-after": retryAfter } });
}

/** 503 for a request that was to make a job, which says whether it may have. */
export function submissionUnavailable(
  cause: unknown,
  retryAfter: string,
  facts: { readonly applied: "no" | "maybe"; readonly self: string; readonly keyed: boolean },
): ProblemError {
  const { applied, self, keyed } = facts;
  const again = keyed
    ? "Send it again with the same Idempotency-Key: there will be one job."
    : "Look at links.self before you send it again; with an Idempotency-Key you need not.";
  const detail =
    applied === "no"
      ? "The store of the jobs does not answer. No job was made: send it again."
      : `The store of the jobs did not answer in time, and the job may have been made. ${again}`;
  const links = applied === "maybe" ? { links: { self } } : {};
  return problem("unavailable", detail, { cause, headers: { "retry-after": retryAfter }, members: { applied, ...links } });
}
