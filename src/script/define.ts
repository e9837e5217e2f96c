import { createHash } from "node:crypto";
import { checkDefinition } from "./check-definition.ts";
import type { Contract, ContractOf, Schema } from "./schema.ts";

/** A Lua script and what is known of its interface, without the types. */
export interface UntypedScript {
  /** `feature.verb`, as events and errors call it. */
  readonly name: string;
  readonly lua: string;
  /** SHA-1 of the source, as EVALSHA wants it. */
  readonly sha: string;
  readonly schema: Schema;
}

/** A Lua script and the contract that its header, or its definition, declares. Run it with `run`. */
export interface Script<C extends Contract> extends UntypedScript {
  /** Type only: carries the contract through inference, exactly. Never set. */
  readonly contract?: (contract: C) => C;
}

/** A script as its author gives it. */
export interface ScriptSource extends Schema {
  readonly name: string;
  readonly lua: string;
}

/**
 * Makes a typed script from its source, with the types of its keys, arguments and reply inferred.
 *
 * The same as a `.lua` file with a header, without the file; `redlua gen` writes calls of this function.
 *
 * @throws {InvalidInputError} if the definition contradicts itself
 * @example
 * const swap = defineScript({
 *   name: "stock.swap",
 *   keys: { stock: "string" },
 *   args: { expect: "string", value: "string" },
 *   reply: { outcomes: { swapped: {}, differs: { current: { nullable: "string" } } } },
 *   writes: "once",
 *   lua: `
 *     local current = redis.call("GET", KEYS[1])
 *     if current ~= ARGV[1] then return { "differs", current } end
 *     redis.call("SET", KEYS[1], ARGV[2])
 *     return { "swapped" }`,
 * });
 */
export function defineScript<const S extends ScriptSource>(source: S): Script<ContractOf<S>> {
  checkDefinition(source);
  const { name, lua, keys, args, reply, writes } = source;
  const sha = createHash("sha1").update(lua).digest("hex");
  return Object.freeze({ name, lua, sha, schema: Object.freeze({ keys, args, reply, writes }) });
}
