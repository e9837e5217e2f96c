/**
 * Rate limits: how often something may happen, for each of many identities, decided by one script and shared by every process.
 *
 * @module
 * @example
 * const limiter = new RateLimiter(redis, { name: "api", limit: 100, per: "1m", burst: 20, onUnavailable: "closed" });
 * const decision = await limiter.consume("user:1", { cost: 2 });
 */
export {
  type ConcurrencyDecision,
  ConcurrencyLimiter,
  type ConcurrencyLimiterEvents,
  type ConcurrencyLimiterOptions,
} from "./concurrency-limiter.ts";
export type { Allowed, Decision, Degraded, Denied, OnUnavailable, PolicyReport } from "./decision.ts";
export { type HeaderDraft, rateLimitHeaders } from "./headers.ts";
export {
  expressRateLimit,
  fetchRateLimit,
  honoRateLimit,
  type NodeResponse,
  type RateLimitOptions,
} from "./middleware.ts";
export type { CallOptions } from "./name.ts";
export type { LimiterOptions, RateLimiterOptions } from "./options.ts";
export { Permit } from "./permit.ts";
export type { Algorithm, Policy, PolicyOptions } from "./policy.ts";
export { RateLimiter, type RateLimiterEvents } from "./rate-limiter.ts";
export type { WaitOptions } from "./waiting.ts";
