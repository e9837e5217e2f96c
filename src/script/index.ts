/**
 * Typed Lua: a script is a function with a schema.
 *
 * Write a `.lua` file with a header and let `redlua gen` write the typed function, or define one with
 * {@link defineScript}; then `run` it.
 *
 * @module
 * @example
 * const reply = await run(redis, swap, { stock: "stock:789" }, { expect: "100", value: "99" });
 */
export { type BatchCall, call, runBatch } from "./batch.ts";
export { defineScript, type Script, type ScriptSource, type UntypedScript } from "./define.ts";
export { ScriptError } from "./errors.ts";
export type { ScriptEvent } from "./events.ts";
export { hashTag, prefixed } from "./keys.ts";
export { type PreparedScript, prepare } from "./prepare.ts";
export { type ScriptInfo, ScriptRegistry } from "./registry.ts";
export { type Outcome, type RunOptions, run, tryRun } from "./run.ts";
export type {
  ArgType,
  Contract,
  ContractOf,
  Fields,
  In,
  KeyKind,
  KeyType,
  Out,
  ReplyType,
  Scalar,
  Schema,
  Type,
  Writes,
} from "./schema.ts";
