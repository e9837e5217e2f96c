import { formatNumber14, LuaError, type LuaValue } from "../lua/index.ts";
import { errorTable } from "./error-table.ts";

/** Raises an error table, as all of `redis.*` does. */
export function raise(message: string): never {
  throw new LuaError(errorTable(message));
}

/** A text, or a number, which Lua takes for one. */
export function isText(value: LuaValue): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** A text as it is, a number as Lua writes it. */
export function textOf(value: string | number): string {
  return typeof value === "number" ? formatNumber14(value) : value;
}
