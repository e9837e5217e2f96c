/**
 * Circuit breakers: what is called too often in vain is not called for a while, by any process.
 *
 * @module
 * @example
 * const breaker = new CircuitBreaker(redis, "payments", { failureRate: 0.5, window: "30s", minimumCalls: 20 });
 * const receipt = await breaker.execute(({ signal }) => charge(card, signal));
 */
export type { BreakerCall } from "./call.ts";
export { type Attempt, type CallOptions, CircuitBreaker, type ExecuteOptions, type Work } from "./circuit-breaker.ts";
export { CallTimeoutError, CircuitOpenError } from "./errors.ts";
export type { BreakerEvents, CallEnded } from "./events.ts";
export { type BreakerKeys, breakerKeys } from "./keys.ts";
export type { CircuitBreakerOptions, Judgement, OpenTime } from "./options.ts";
export type { BreakerInspection, BreakerState, Counts, StateName } from "./state.ts";
