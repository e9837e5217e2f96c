/**
 * Typed Lua: a script is a function with a schema.
 *
 * @module
 */
export { defineScript, type Script, type ScriptSource } from "./define.ts";
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
