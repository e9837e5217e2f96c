/**
 * Leases: at most one holder at a time, and a token that proves who came last.
 *
 * {@link Lock} on one Redis, {@link Redlock} on a majority of several, {@link Semaphore} for more than one holder.
 *
 * @module
 * @example
 * const lock = new Lock(redis, { lease: "30s" });
 * await using held = await lock.acquire("invoice:42");
 */
export { Acquirer, type Attempt } from "./acquirer.ts";
export {
  type HeldFacts,
  LeaseLostError,
  type LockError,
  LockHeldError,
  LockTimeoutError,
  LockUnavailableError,
  type LossReason,
  type NodeOutcome,
} from "./errors.ts";
export type { LeaseEvent, LockEvents } from "./events.ts";
export type { Held, Release } from "./held.ts";
export type { AcquireOptions, LeaseOptions } from "./lease-options.ts";
export { type Forced, Lock, type LockOptions, type LockState } from "./lock.ts";
export { Redlock, type RedlockOptions } from "./redlock.ts";
export type { NodeState, RedlockState } from "./redlock-state.ts";
export { Semaphore, type SemaphoreOptions, type SemaphoreState } from "./semaphore.ts";
export { type FencedWrite, type FencedWritten, writeFenced } from "./write-fenced.ts";
