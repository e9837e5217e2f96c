import { formatNumber14, parseNumber } from "../../number/index.ts";
import { LuaError } from "../error.ts";
import { LuaTable } from "../table.ts";
import { type LuaValue, typeName } from "../value.ts";

/** Raises an error with the position of the calling line. */
export function fail(message: string): never {
  throw LuaError.at(message);
}

/** `bad argument #1 to 'insert' (message)`. The name is that of the call. */
export function badArgument(position: number, message: string): never {
  throw LuaError.argument(position, message);
}

/** `bad argument #1 to 'insert' (table expected, got nil)`. `count` tells nil from no value. */
export function badType(position: number, count: number, expected: string, value: LuaValue): never {
  throw LuaError.argument(position, `${expected} expected, got ${position > count ? "no value" : typeName(value)}`);
}

/** A text argument, numbers included. `position` counts from 1, `count` is how many arguments there are. */
export function textArgument(value: LuaValue, position: number, count: number): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber14(value) : badType(position, count, "string", value);
}

/** A number argument, texts that are numbers included. */
export function numberArgument(value: LuaValue, position: number, count: number): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" ? parseNumber(value) : undefined;
  return number ?? badType(position, count, "number", value);
}

/** An integer argument of 64 bits: fractions are cut, what does not fit is the smallest integer, as x86 processors do it. */
export function integerArgument(value: LuaValue, position: number, count: number): number {
  return toInteger(numberArgument(value, position, count));
}

/** An integer argument of 32 bits: the lower half of {@link integerArgument}. */
export function intArgument(value: LuaValue, position: number, count: number): number {
  return toInt(numberArgument(value, position, count));
}

/** An integer argument of 32 bits that may be nil. */
export function optionalInt(value: LuaValue, position: number, fallback: number): number {
  return value === undefined ? fallback : intArgument(value, position, position);
}

/** A table argument. */
export function tableArgument(value: LuaValue, position: number, count: number): LuaTable {
  return value instanceof LuaTable ? value : badType(position, count, "table", value);
}

/** Refuses to change a table of Redis' own. The text has no position: the change is made by a function that is not Lua. */
export function refuseReadonly(table: LuaTable): void {
  if (table.readonly) throw new LuaError("Attempt to modify a readonly table");
}

/** A number as a C `long`. */
export function toInteger(value: number): number {
  return value < 2 ** 63 && value >= -(2 ** 63) ? Math.trunc(value) : -(2 ** 63);
}

/** A number as a C `long`, of which an `int` keeps the lower half. */
function toInt(value: number): number {
  return value < 2 ** 63 && value > -(2 ** 63) ? value | 0 : 0;
}
