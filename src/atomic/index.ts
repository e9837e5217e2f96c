/**
 * The small atomic operations that everyone rewrites: compare and swap, set if, counters that begin anew, limited lists, many keys at
 * once, leaderboards, sessions.
 *
 * @module
 * @example
 * const swap = await compareAndSwap(redis, "stock:789", { expect: "100", value: "99", ttl: "1h" });
 */
export type { Period } from "./calendar.ts";
export {
  compareAndDelete,
  compareAndSwap,
  getVersioned,
  type ValueDeleted,
  type ValueDeletion,
  type ValueSwap,
  type ValueSwapped,
  type VersionDeleted,
  type VersionDeletion,
  type Versioned,
  type VersionSwap,
  type VersionSwapped,
} from "./cas.ts";
export { type Count, type Counted, Counter, type CounterOptions } from "./counter.ts";
export { type KeyOutcome, LeaderboardMismatchError, MultipleError, ScoreRangeError, ValueError } from "./errors.ts";
export { Leaderboard } from "./leaderboard.ts";
export type { LeaderboardOptions } from "./leaderboard-options.ts";
export { type Appended, appendToLimitedList, type LimitedListOptions } from "./limited-list.ts";
export {
  type GetMultipleOptions,
  getMultiple,
  type SetEntry,
  type SetMultipleOptions,
  setMultiple,
  tryGetMultiple,
  trySetMultiple,
} from "./multi.ts";
export type { Coded, Ttl } from "./options.ts";
export { Session, type SessionSummary, type SessionUpdate } from "./session.ts";
export type { SessionOptions } from "./session-options.ts";
export type { LiveSession } from "./session-record.ts";
export type { BoardMoment, LeaderboardPage, MemberStanding, Recorded, ScoreEntry, Standing } from "./standing.ts";
export {
  type ExtendOptions,
  getAndExtendExpiration,
  type Increment,
  type IncrementOptions,
  incrementWithExpiration,
  type SetIfExists,
  type SetIfExistsOptions,
  type SetIfNotExists,
  type SetIfNotExistsOptions,
  setIfExists,
  setIfNotExists,
} from "./strings.ts";
export { bytes, type Codec, json, text } from "./value.ts";
