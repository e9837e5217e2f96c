import type { BreakerState, Standing } from "./state.ts";

/**
 * The time that a breaker spends in one state, as this process knows it.
 *
 * A call remembers the era in which it began. If another has begun when it ends, its result is late: it says something of a time
 * that is over, and is not counted.
 */
export interface Era extends Omit<Standing, "leftMs"> {
  /** Calls pass without asking anybody. */
  readonly passes: boolean;
  /** Calls are counted. */
  readonly counts: boolean;
  /** When the state ends by itself, by this process's clock; 0 if it does not. */
  endsAt: number;
  /** Until then calls are refused without asking anybody. */
  refusesUntil: number;
}

/** The era that begins with a standing. */
export function eraOf(standing: Standing, now: number): Era {
  const { state, generation, leftMs, attempt } = standing;
  const passes = state === "closed" || state === "forced-closed" || state === "disabled";
  const endsAt = leftMs > 0 ? now + leftMs : 0;
  const refusesUntil = state === "open" || state === "forced-open" ? endsAt : 0;
  return { state, generation, attempt, passes, counts: state === "closed" || state === "forced-closed", endsAt, refusesUntil };
}

/** An era as callers see it. */
export function stateOf({ state, generation, attempt, endsAt }: Era, now: number): BreakerState {
  const leftMs = Math.max(0, Math.ceil(endsAt - now));
  if (state === "closed") return { state, generation };
  if (state === "open") return { state, generation, retryInMs: leftMs, attempt };
  if (state === "half-open") return { state, generation, attempt };
  return { state, generation, leftMs };
}
