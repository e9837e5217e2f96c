import { LuaTable } from "./table.ts";

/**
 * A Lua value as JavaScript holds it: nil is `undefined`, strings are byte strings (every char 0–255), tables are {@link LuaTable},
 * functions are plain JavaScript functions.
 */
export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction | Coroutine | LightUserdata;

/** What a function hands back: one value bare (nil too), or an array for none or several. No Lua value is ever an array. */
export type LuaResult = LuaValue | readonly LuaValue[];

/**
 * A Lua function. It is called directly only by compiled code; everything else calls through `rt.call`, which also finishes tail
 * calls and calls what is not a function.
 */
export interface LuaFunction {
  (...args: LuaValue[]): LuaResult;
  /** The same function as a generator, for code that may yield. */
  gen?: LuaGenerator;
}

/** The generator form of a function: it yields lists of values and is resumed with lists of values. */
export type LuaGenerator = (...args: LuaValue[]) => Generator<readonly LuaValue[], LuaResult, readonly LuaValue[]>;

/** No results at all. Shared: never written to. */
export const NONE: readonly LuaValue[] = [];

/** A value that is only itself, such as `cjson.null`. */
export class LightUserdata {
  /** What `tostring` shows as the address. */
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }
}

/** A coroutine: its body as a generator, and where it stands. */
export class Coroutine {
  status: "suspended" | "running" | "normal" | "dead" = "suspended";
  /** The function it starts with. */
  readonly body: LuaFunction;
  /** Its running body; absent before the first resume. */
  running: ReturnType<LuaGenerator> | undefined = undefined;

  constructor(body: LuaFunction) {
    this.body = body;
  }
}

/** What `type` answers. */
export function typeName(value: LuaValue): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "function":
      return "function";
    case "object":
      if (value instanceof LuaTable) return "table";
      return value instanceof Coroutine ? "thread" : "userdata";
    default:
      return typeof value;
  }
}
