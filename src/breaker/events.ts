import type { Emitter } from "../core/index.ts";
import type { Era } from "./era.ts";
import type { StateName } from "./state.ts";

/** What a breaker emits. Each is also on the `diagnostics_channel` `redlua:breaker:<event>`. */
export interface BreakerEvents {
  /** It opened: calls are refused for so long. Every process that uses it hears of it. */
  opened: { readonly breaker: string; readonly generation: number; readonly attempt: number; readonly retryInMs: number };
  /** The open time is over: a few calls may pass. */
  "half-open": { readonly breaker: string; readonly generation: number };
  /** It closed: calls pass. */
  closed: { readonly breaker: string; readonly generation: number };
  /** It is held by hand. */
  forced: { readonly breaker: string; readonly generation: number; readonly state: StateName; readonly leftMs: number };
  /** A call was refused. */
  rejected: { readonly breaker: string; readonly retryInMs: number };
  /** A call ended. */
  call: CallEnded;
  /** Redis did not answer: this process goes on by itself. */
  degraded: { readonly breaker: string; readonly error: unknown };
  /** Redis is back. */
  restored: { readonly breaker: string };
}

/** How a call ended. */
export interface CallEnded {
  readonly breaker: string;
  readonly outcome: "success" | "failure" | "ignore";
  readonly slow: boolean;
  readonly durationMs: number;
  /** It was a probe of the half-open state. */
  readonly probe: boolean;
  /** It began in an earlier state, and was not counted. */
  readonly late: boolean;
  readonly error?: unknown;
}

/** Their names. */
export const breakerEvents = {
  opened: true,
  "half-open": true,
  closed: true,
  forced: true,
  rejected: true,
  call: true,
  degraded: true,
  restored: true,
} as const;

/** Tells that an era has begun. */
export function announce(events: Emitter<BreakerEvents>, breaker: string, era: Era, leftMs: number): void {
  const { state, generation, attempt } = era;
  if (state === "open") events.emit("opened", { breaker, generation, attempt, retryInMs: leftMs });
  else if (state === "half-open" || state === "closed") events.emit(state, { breaker, generation });
  else events.emit("forced", { breaker, generation, state, leftMs });
}
