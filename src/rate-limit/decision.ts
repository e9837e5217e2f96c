import type { Applied } from "../client/index.ts";
import type { ScriptError } from "../script/index.ts";
import type { Policy } from "./policy.ts";

/** How one policy stands. Times are whole milliseconds from now. */
export interface PolicyReport {
  readonly policy: Policy;
  /** Whether the cost fits, or fitted. */
  readonly allowed: boolean;
  /** What is left after the decision. */
  readonly remaining: number;
  /** When the cost fits, if nobody else takes the room: 0 if it does, `undefined` if it never will. */
  readonly retryInMs: number | undefined;
  /** When everything is free again. */
  readonly resetInMs: number;
}

/** The call may go ahead. */
export interface Allowed {
  readonly outcome: "allowed";
  readonly allowed: true;
  /** What is left under the tightest policy. */
  readonly remaining: number;
  /** When everything is free again. */
  readonly resetInMs: number;
  readonly policies: readonly PolicyReport[];
}

/** The call may not go ahead, and was not counted. */
export interface Denied {
  readonly outcome: "denied";
  readonly allowed: false;
  /** `limit`: no room now. `cost`: it costs more than is ever allowed. `blocked`: somebody said so. */
  readonly reason: "limit" | "cost" | "blocked";
  /** When it would be allowed, if nobody else takes the room; `undefined` if never. */
  readonly retryInMs: number | undefined;
  readonly remaining: number;
  readonly resetInMs: number;
  /** This process knew without asking Redis. If it was a lower cost that was denied, `retryInMs` is the earliest for this one. */
  readonly remembered: boolean;
  readonly policies: readonly PolicyReport[];
}

/** Redis could not decide in time, so `onUnavailable` did. */
export interface Degraded {
  readonly outcome: "degraded";
  readonly allowed: boolean;
  /** What decided in place of Redis. */
  readonly mode: OnUnavailable;
  /** Why Redis did not. */
  readonly error: ScriptError;
  /** Whether Redis may have counted the call all the same. */
  readonly applied: Applied;
  /** When to try again, if it is not allowed. */
  readonly retryInMs: number | undefined;
}

/**
 * What is decided when Redis cannot be asked.
 *
 * - `closed`: nothing is allowed
 * - `open`: everything is allowed
 * - `local`: this process counts by itself, against its share of the limit
 */
export type OnUnavailable = "closed" | "open" | "local";

/** What became of a call. */
export type Decision = Allowed | Denied | Degraded;

/** Words of a reply that one decision takes. */
export function replyWidth(policies: readonly Policy[]): number {
  return 1 + 3 * policies.length;
}

/** Reads one decision from a script's reply, from `at` on. */
export function readDecision(policies: readonly Policy[], reply: readonly number[], at: number): Allowed | Denied {
  const verdict = reply[at] as number;
  const reports: PolicyReport[] = [];
  let remaining = Number.MAX_SAFE_INTEGER;
  let resetInMs = 0;
  let retryInMs: number | undefined = Math.max(0, -verdict);
  for (let index = 0; index < policies.length; index++) {
    const word = at + 1 + 3 * index;
    const retry = reply[word + 1] as number;
    const report: PolicyReport = {
      policy: policies[index] as Policy,
      allowed: retry === 0,
      remaining: reply[word] as number,
      retryInMs: retry < 0 ? undefined : retry,
      resetInMs: reply[word + 2] as number,
    };
    reports.push(report);
    remaining = Math.min(remaining, report.remaining);
    resetInMs = Math.max(resetInMs, report.resetInMs);
    retryInMs = retry < 0 || retryInMs === undefined ? undefined : Math.max(retryInMs, retry);
  }
  if (verdict === 1) return { outcome: "allowed", allowed: true, remaining, resetInMs, policies: reports };
  const reason = retryInMs === undefined ? "cost" : verdict < 0 ? "blocked" : "limit";
  return {
    outcome: "denied",
    allowed: false,
    reason,
    retryInMs,
    remaining,
    resetInMs,
    remembered: false,
    policies: reports,
  };
}
