import { setTimeout as pause } from "node:timers/promises";
import { accept, type Duration, duration, readOptions, withDefault } from "../core/index.ts";

/** How to wait until a call is allowed. */
export interface WaitOptions {
  /** @default 1 */
  readonly cost?: number;
  /** How long to wait at most. @default "5s" */
  readonly wait?: Duration;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly cost: { readonly cost?: number };
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws {InvalidInputError} if an option is unknown or cannot be used */
export function readWaiting(options: WaitOptions): Waiting {
  const { cost, wait, signal } = readOptions("acquire", options, {
    cost: accept<number>("a whole number", (value) => typeof value === "number"),
    wait: withDefault(duration(), "5s"),
    signal: accept<AbortSignal>("an AbortSignal", (value) => value instanceof AbortSignal),
  });
  return { cost: cost === undefined ? {} : { cost }, waitMs: wait, signal };
}

/** A timer has 31 bits of milliseconds, and fires at once if it is given more. */
const timerMsMax = 2 ** 31 - 1;

/** The part of a decision that waiting needs. */
type Answer = { readonly allowed: true } | { readonly allowed: boolean; readonly retryInMs: number | undefined };

/**
 * Asks until it is allowed, or until it is known that it will not be in time. Answers the last decision.
 *
 * @param lookAgainMs ask at least so often, for what may come free at any moment
 * @throws the signal's reason, if it fires
 */
export async function untilAllowed<Decision extends Answer>(
  { cost, waitMs, signal }: Waiting,
  ask: (cost: { readonly cost?: number }) => Promise<Decision>,
  lookAgainMs: number = Number.POSITIVE_INFINITY,
): Promise<Decision> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    const decision = await ask(cost);
    if (decision.allowed || !("retryInMs" in decision) || decision.retryInMs === undefined) return decision;
    const nextInMs = Math.min(decision.retryInMs, lookAgainMs);
    const leftMs = endsAt - performance.now() - nextInMs;
    if (leftMs < 0) return decision;
    // Spread a little, or all who wait would come back at the same moment for the room of one.
    const spreadMs = Math.min(leftMs, Math.random() * Math.min(50, nextInMs / 4));
    await pause(Math.min(nextInMs + spreadMs, timerMsMax), undefined, signal === undefined ? {} : { signal }).catch(() =>
      signal?.throwIfAborted(),
    );
  }
}
