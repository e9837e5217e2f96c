import type { Allowed, Denied } from "./decision.ts";
import type { Policy } from "./policy.ts";

/**
 * Works out a decision from the level that GCRA left, so that the server need not: the same whole numbers give the same answer here.
 *
 * @param allowed how many calls of the run were allowed, or minus the milliseconds that they are blocked for
 * @param level the level after the whole run
 * @param nth place of the call in its run, from 0
 */
export function gcraDecision(policy: Policy, cost: number, allowed: number, level: number, nth: number): Allowed | Denied {
  const { limit, perMs, burst } = policy.words;
  const full = burst * perMs;
  const step = cost * perMs;
  if (nth < allowed) {
    const then = level - (allowed - 1 - nth) * step;
    const remaining = Math.floor((full - then) / perMs);
    const resetInMs = Math.ceil(then / limit);
    const report = { policy, allowed: true, remaining, retryInMs: 0, resetInMs };
    return { outcome: "allowed", allowed: true, remaining, resetInMs, policies: [report] };
  }
  const over = level + step - full;
  const never = step > full;
  const retryInMs = never ? undefined : Math.max(0, Math.ceil(over / limit));
  const remaining = Math.floor((full - level) / perMs);
  const resetInMs = Math.ceil(level / limit);
  const blockedMs = Math.max(0, -allowed);
  return {
    outcome: "denied",
    allowed: false,
    reason: never ? "cost" : blockedMs > 0 ? "blocked" : "limit",
    retryInMs: retryInMs === undefined ? undefined : Math.max(retryInMs, blockedMs),
    remaining,
    resetInMs,
    remembered: false,
    policies: [{ policy, allowed: over <= 0, remaining, retryInMs, resetInMs }],
  };
}
