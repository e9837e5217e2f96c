/**
 * Redis in this process: Lua, data types, expiry, pub/sub, blocking commands and transactions, with no server.
 *
 * For development, tests and small programs of one process. Production is Redis.
 *
 * @module
 * @example
 * const clock = new ManualClock();
 * const redis = createEmbedded({ clock });
 * redis.execute("SET", "code", "1234", "EX", "60");
 * clock.advance("1m");
 * redis.execute("GET", "code"); // null
 */
export { AofError, type AofOptions } from "./aof/index.ts";
export { ManualClock } from "./clock.ts";
export {
  type CoveredFile,
  type CoveredScript,
  coverageByFile,
  formatLcov,
  type LineCoverage,
  readCoverage,
  type ScriptCoverage,
  type StatementCoverage,
} from "./coverage/index.ts";
export { createEmbedded, type EmbeddedOptions, type EmbeddedRedis, openMemory } from "./embedded.ts";
export { ListenError, type ListenOptions, type RespServer } from "./server/index.ts";
export type { EngineSnapshot } from "./session/index.ts";
export type { Clock } from "./store/index.ts";
