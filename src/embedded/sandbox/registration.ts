import { type LuaFunction, LuaTable, type LuaValue } from "../lua/index.ts";
import { isText, raise, textOf } from "./arguments.ts";
import { flagOf, type ScriptFlags } from "./flags.ts";

/** A function of a library, as FCALL finds it. */
export interface LibraryFunction {
  readonly name: string;
  readonly description: string | null;
  readonly flags: ScriptFlags;
  readonly callback: LuaFunction;
}

/** Reads the arguments of `redis.register_function`, in both its forms. @throws {LuaError} in Redis' words */
export function registration(args: LuaValue[]): LibraryFunction {
  if (args.length < 1 || args.length > 2) raise("wrong number of arguments to redis.register_function");
  if (args.length === 1) return namedRegistration(args[0]);
  const [name, callback] = args;
  if (!isText(name)) raise("first argument to redis.register_function must be a string");
  if (typeof callback !== "function") raise("second argument to redis.register_function must be a function");
  return { name: textOf(name), description: null, flags: 0, callback };
}

function namedRegistration(table: LuaValue): LibraryFunction {
  if (!(table instanceof LuaTable)) {
    raise(
      "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
    );
  }
  let name: string | undefined;
  let description: string | null = null;
  let callback: LuaFunction | undefined;
  let flags: ScriptFlags = 0;
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    const key = table.keyAt(place);
    const value = table.valueAt(place);
    if (!isText(key)) raise("named argument key given to redis.register_function is not a string");
    switch (textOf(key).toLowerCase()) {
      case "function_name":
        name = textField(key, value);
        break;
      case "description":
        description = textField(key, value);
        break;
      case "callback":
        if (typeof value !== "function") raise("callback argument given to redis.register_function must be a function");
        callback = value;
        break;
      case "flags":
        flags = flagsOf(value);
        break;
      default:
        raise("unknown argument given to redis.register_function");
    }
  }
  if (name === undefined) raise("redis.register_function must get a function name argument");
  if (callback === undefined) raise("redis.register_function must get a callback argument");
  return { name, description, flags, callback };
}

function textField(key: string | number, value: LuaValue): string {
  if (!isText(value)) raise(`${textOf(key)} argument given to redis.register_function must be a string`);
  return textOf(value);
}

function flagsOf(table: LuaValue): ScriptFlags {
  if (!(table instanceof LuaTable))
    raise("flags argument to redis.register_function must be a table representing function flags");
  let flags: ScriptFlags = 0;
  for (let index = 1; ; index++) {
    const name = table.getInt(index);
    if (name === undefined) return flags;
    const flag = typeof name === "string" ? flagOf(name.toLowerCase()) : undefined;
    if (flag === undefined) raise("unknown flag given");
    flags |= flag;
  }
}
