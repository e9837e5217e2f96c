import type { Duration } from "./duration.ts";
import { duration, number, oneOf, readOptions, withDefault } from "./options.ts";

/** How long to wait before trying again: longer each time, spread out, up to a limit. */
export interface BackoffOptions {
  /** The wait after the first failure. @default "1s" */
  readonly base?: Duration;
  /** By how much each further wait is longer. @default 2 */
  readonly factor?: number;
  /** No wait is longer. @default "5m" */
  readonly max?: Duration;
  /**
   * How waits are spread, so that what failed together is not tried together: `full` draws from nothing to the
   * whole wait, `half` from half of it to all of it, `none` waits exactly. @default "half"
   */
  readonly jitter?: "full" | "half" | "none";
}

/** Milliseconds to wait after the `attempt`-th failure, counted from 1. */
export type Backoff = (attempt: number) => number;

/**
 * Exponential backoff with jitter and a cap.
 *
 * Source of the jitter: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 ("full" and "equal").
 *
 * @param random draws from [0, 1); tests pass their own
 * @throws {InvalidInputError} if an option is unknown or out of range
 * @example
 * const wait = backoff({ base: "1s", max: "1m", jitter: "none" });
 * wait(1); // 1000
 * wait(7); // 60000
 */
export function backoff(options: BackoffOptions = {}, random: () => number = Math.random): Backoff {
  const { base, factor, max, jitter } = readOptions("backoff", options, {
    base: withDefault(duration(), "1s"),
    factor: withDefault(number({ min: 1, max: 100 }), 2),
    max: withDefault(duration(), "5m"),
    jitter: withDefault(oneOf("full", "half", "none"), "half"),
  });
  return (attempt) => {
    // The power may be infinite, and no wait at all times infinity is not a number.
    const wait = Math.min(max, base * Math.min(factor ** (attempt - 1), Number.MAX_VALUE));
    const share = jitter === "none" ? 1 : jitter === "half" ? 0.5 + random() / 2 : random();
    return Math.round(wait * share);
  };
}
