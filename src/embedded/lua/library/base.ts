import { parseInBase, parseNumber } from "../../number/index.ts";
import { digitCost } from "../arithmetic.ts";
import { ipairsStep, next } from "../iteration.ts";
import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import { type LuaFunction, type LuaResult, type LuaValue, NONE, typeName } from "../value.ts";
import {
  badArgument,
  badType,
  fail,
  intArgument,
  optionalInt,
  refuseReadonly,
  tableArgument,
  textArgument,
} from "./arguments.ts";
import { passedLibrary } from "./callback.ts";

/** How many values a C function of Lua may have on its stack, its arguments included. */
const STACK_VALUES_MAX = 8_000;

/** The basic functions that have nothing to do with running code. */
export function baseFunctions(rt: Runtime): Readonly<Record<string, LuaValue>> {
  return {
    ...functions,
    unpack: (...args) => unpack(rt, args),
    tonumber: (...args) => {
      if (typeof args[0] === "string") rt.read(digitCost * args[0].length);
      return toNumber(args);
    },
    tostring: (...args) => {
      if (args.length === 0) badArgument(1, "value expected");
      return describe(rt, args[0]);
    },
    getmetatable: (...args) => {
      if (args.length === 0) badArgument(1, "value expected");
      const value = args[0];
      const metatable = value instanceof LuaTable ? value.metatable : typeof value === "string" ? rt.stringMetatable : undefined;
      return metatable?.get("__metatable") ?? metatable;
    },
  };
}

/** Unlike `rt.tostring` it hands on whatever `__tostring` answers. */
function describe(rt: Runtime, value: LuaValue): LuaValue {
  if (!(value instanceof LuaTable) || value.metatable === undefined) return rt.tostring(value);
  const handler = value.metatable.get("__tostring");
  return handler === undefined ? rt.tostring(value) : rt.callFirst(handler, [value]);
}

const functions: Readonly<Record<string, LuaFunction | string>> = {
  _VERSION: "Lua 5.1",
  next,
  type: (...args) => {
    if (args.length === 0) badArgument(1, "value expected");
    return typeName(args[0]);
  },
  ipairs: (...args) => [ipairsStep, tableArgument(args[0], 1, args.length), 0],
  pairs: (...args) => [next, tableArgument(args[0], 1, args.length), undefined],
  rawget: (...args) => {
    const table = tableArgument(args[0], 1, args.length);
    if (args.length < 2) badArgument(2, "value expected");
    return table.get(args[1]);
  },
  rawset: (...args) => {
    const table = tableArgument(args[0], 1, args.length);
    if (args.length < 3) badArgument(Math.max(args.length, 1) + 1, "value expected");
    try {
      table.set(args[1], args[2]);
    } catch (error) {
      throw passedLibrary(error);
    }
    return table;
  },
  rawequal: (...args) => {
    if (args.length < 2) badArgument(args.length + 1, "value expected");
    return args[0] === args[1];
  },
  select: (...args) => select(args),
  assert: (...args) => {
    if (args.length === 0) badArgument(1, "value expected");
    if (args[0] !== undefined && args[0] !== false) return args.length === 1 ? args[0] : args;
    return fail(
      args[1] === undefined ? "assertion failed!" : (textArgument(args[1], 2, args.length).split("\0", 1)[0] as string),
    );
  },
  setmetatable: (...args) => {
    const table = tableArgument(args[0], 1, args.length);
    const metatable = args[1];
    if (args.length < 2 || !(metatable === undefined || metatable instanceof LuaTable)) badArgument(2, "nil or table expected");
    if (table.metatable?.get("__metatable") !== undefined) fail("cannot change a protected metatable");
    refuseReadonly(table);
    table.metatable = metatable as LuaTable | undefined;
    return table;
  },
  collectgarbage: (...args) => collectGarbage(args),
  gcinfo: () => kilobytesInUse(),
};

function toNumber(args: readonly LuaValue[]): LuaResult {
  const value = args[0];
  const base = optionalInt(args[1], 2, 10);
  if (base === 10) {
    if (args.length === 0) badArgument(1, "value expected");
    if (typeof value === "number") return value;
    return typeof value === "string" ? parseNumber(value) : undefined;
  }
  const text = textArgument(value, 1, args.length);
  if (base < 2 || base > 36) badArgument(2, "base out of range");
  return parseInBase(text, base);
}

function select(args: readonly LuaValue[]): LuaResult {
  if (typeof args[0] === "string" && args[0].charCodeAt(0) === 35) return args.length - 1;
  const position = intArgument(args[0], 1, args.length);
  if (position < 0 ? args.length + position < 1 : position === 0) badArgument(1, "index out of range");
  const from = position < 0 ? args.length + position : position;
  if (from >= args.length) return NONE;
  return from === args.length - 1 ? args[from] : args.slice(from);
}

function unpack(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const table = tableArgument(args[0], 1, args.length);
  const from = optionalInt(args[1], 2, 1);
  const to = args[2] === undefined ? table.length() : intArgument(args[2], 3, args.length);
  const count = to - from + 1;
  if (count <= 0) return NONE;
  if (count + args.length > STACK_VALUES_MAX) fail("too many results to unpack");
  if (count > 63) rt.tick(count >>> 3);
  if (from === 1 && count === table.array.length) return count === 1 ? table.array[0] : table.array.slice();
  const values: LuaValue[] = [];
  for (let index = from; index <= to; index++) values.push(table.getInt(index));
  return values;
}

/** There is nothing to steer here: the answers are those of a collector that has nothing to do. */
function collectGarbage(args: readonly LuaValue[]): LuaResult {
  const value = args[0];
  if (value !== undefined && typeof value !== "string" && typeof value !== "number") badType(1, args.length, "string", value);
  const option = value === undefined ? "collect" : textArgument(value, 1, args.length);
  switch (option) {
    case "collect":
    case "stop":
    case "restart":
      optionalInt(args[1], 2, 0);
      return 0;
    case "step":
      optionalInt(args[1], 2, 0);
      return false;
    case "count":
      optionalInt(args[1], 2, 0);
      return kilobytesInUse();
    case "setpause":
    case "setstepmul":
      optionalInt(args[1], 2, 0);
      return 200;
    default:
      return badArgument(1, `invalid option '${option}'`);
  }
}

/** A stable number of the size that an engine of Redis starts with: the true one is JavaScript's business. */
function kilobytesInUse(): number {
  return 64;
}
