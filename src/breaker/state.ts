/** How a breaker stands. */
export type BreakerState =
  /** Calls pass and are counted. */
  | { readonly state: "closed"; readonly generation: number }
  /** Calls are refused, for so long. `attempt` is how often in a row it opened. */
  | { readonly state: "open"; readonly generation: number; readonly retryInMs: number; readonly attempt: number }
  /** A few calls pass, to see whether it is over. */
  | { readonly state: "half-open"; readonly generation: number; readonly attempt: number }
  /** Held by hand, for so long: `forced-open` refuses, `forced-closed` lets pass and counts, `disabled` lets pass uncounted. */
  | { readonly state: "forced-open" | "forced-closed" | "disabled"; readonly generation: number; readonly leftMs: number };

/** The word for a state. */
export type StateName = BreakerState["state"];

/** Calls, and how many of them failed or were slow. One that failed slowly is both. */
export interface Counts {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/** All that is known of a breaker at one moment. */
export interface BreakerInspection extends Counts {
  readonly state: BreakerState;
  /** Share of the calls in the window that failed. */
  readonly failureRate: number;
  /** Share of the calls in the window that were slow. */
  readonly slowRate: number;
  /** Probes of the half-open state: under way, and what those that ended showed. */
  readonly probes: { readonly underWay: number; readonly passed: number; readonly failed: number };
  /** How many instances saw a failed or slow call in the window. */
  readonly reporters: number;
  /** `"local"` if this process goes on by itself: Redis is away, or the breaker's scope is local. */
  readonly source: "shared" | "local";
}

/** How a breaker stands, as its rules answer it: the shared ones in Redis, or the local ones in this process. */
export interface Standing {
  readonly state: StateName;
  readonly generation: number;
  /** How long the state holds, if it has an end. */
  readonly leftMs: number;
  readonly attempt: number;
}

/** What came of asking for permits to probe. */
export interface Permits {
  readonly standing: Standing;
  /** One answer for each that was asked for; none unless the breaker is half-open. */
  readonly granted: readonly boolean[];
  /** When the first permit that is out can come back. */
  readonly retryInMs: number;
}

/** What a probe showed. */
export type ProbeOutcome = "passed" | "failed" | "ignored";

const names: readonly string[] = ["closed", "open", "half-open", "forced-open", "forced-closed", "disabled"];

/** A standing from words that came from Redis; `undefined` if they are none of ours. */
export function readStanding(words: {
  readonly state: string;
  readonly generation: number;
  readonly leftMs: number;
  readonly attempt: number;
}): Standing | undefined {
  const { state, generation, leftMs, attempt } = words;
  const whole = Number.isFinite(generation) && Number.isFinite(leftMs) && Number.isFinite(attempt);
  return whole && names.includes(state) ? { state: state as StateName, generation, leftMs, attempt } : undefined;
}
