/**
 * The append-only file: what an engine has changed, kept so that a program finds it again after a restart.
 *
 * @module
 * @example
 * const aof = new AppendOnlyFile(engine, { file: "data/redis.aof" });
 * aof.recovery; // { commands: 1240, bytes: 80211, cutBytes: 0, refused: 0 }
 * aof.close();
 */
export { AppendOnlyFile } from "./append-only-file.ts";
export { AofError } from "./errors.ts";
export type { AofOptions } from "./options.ts";
