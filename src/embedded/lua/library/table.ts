import { formatNumber14 } from "../../number/index.ts";
import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { type LuaResult, type LuaValue, NONE, typeName } from "../value.ts";
import { badType, fail, intArgument, optionalInt, refuseReadonly, tableArgument, textArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { sort } from "./sort.ts";

/** The library `table`. Like Lua 5.1's it goes by the raw length and raw access; metatables play no part. */
export function tableLibrary(rt: Runtime): LuaTable {
  return tableOf({
    insert: (...args) => insert(rt, args),
    remove: (...args) => remove(rt, args),
    concat: (...args) => concat(rt, args),
    sort: (...args) => {
      const table = tableArgument(args[0], 1, args.length);
      if (args[1] !== undefined && typeof args[1] !== "function") badType(2, args.length, "function", args[1]);
      sort(rt, table, args[1]);
      return NONE;
    },
    maxn: (...args) => largestKey(tableArgument(args[0], 1, args.length)),
    getn: (...args) => tableArgument(args[0], 1, args.length).length(),
    setn: (...args) => {
      tableArgument(args[0], 1, args.length);
      return fail("'setn' is obsolete");
    },
    foreach: (...args) => forEach(rt, args),
    foreachi: (...args) => forEachIndex(rt, args),
  });
}

function insert(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const table = tableArgument(args[0], 1, args.length);
  const end = table.length() + 1;
  if (args.length === 2) {
    refuseReadonly(table);
    table.setInt(end, args[1]);
    return NONE;
  }
  if (args.length !== 3) fail("wrong number of arguments to 'insert'");
  const position = intArgument(args[1], 2, args.length);
  refuseReadonly(table);
  const { array } = table;
  const value = args[2];
  if (value !== undefined && position >= 1 && position < end && end === array.length + 1) {
    rt.tick((end - position) >>> 4);
    // Growing by one first keeps the table's own account of its size.
    table.setInt(end, array[end - 2]);
    array.copyWithin(position, position - 1, end - 1);
    array[position - 1] = value;
    return NONE;
  }
  for (let to = Math.max(end, position); to > position; to--) {
    rt.tick(1);
    table.set(to, table.getInt(to - 1));
  }
  table.set(position, value);
  return NONE;
}

function remove(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const table = tableArgument(args[0], 1, args.length);
  const last = table.length();
  const position = args[1] === undefined ? last : intArgument(args[1], 2, args.length);
  if (position < 1 || position > last) return NONE;
  refuseReadonly(table);
  const removed = table.getInt(position);
  const { array } = table;
  if (last === array.length) {
    rt.tick((last - position) >>> 4);
    array.copyWithin(position - 1, position, last);
  } else for (let to = position; to < last; to++) table.set(to, table.getInt(to + 1));
  table.set(last, undefined);
  return removed;
}

function concat(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const separator = args[1] === undefined ? "" : textArgument(args[1], 2, args.length);
  const table = tableArgument(args[0], 1, args.length);
  const from = optionalInt(args[2], 3, 1);
  const to = args[3] === undefined ? table.length() : intArgument(args[3], 4, args.length);
  let text = "";
  for (let index = from; index <= to; index++) {
    const value = table.getInt(index);
    if (typeof value === "string") text += value;
    else if (typeof value === "number") text += formatNumber14(value);
    else fail(`invalid value (${typeName(value)}) at index ${index} in table for 'concat'`);
    if (index < to) text += separator;
    if ((index & 63) === 0) rt.tick(64);
  }
  rt.read(text.length);
  return text;
}

function largestKey(table: LuaTable): number {
  let largest = table.array.length;
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    const key = table.keyAt(place);
    if (typeof key === "number" && key > largest) largest = key;
  }
  return largest;
}

function forEach(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const table = tableArgument(args[0], 1, args.length);
  if (typeof args[1] !== "function") badType(2, args.length, "function", args[1]);
  for (let entry = table.next(undefined); entry !== undefined; entry = table.next(entry[0])) {
    const answer = rt.callFirst(args[1], [entry[0], entry[1]]);
    if (answer !== undefined) return answer;
  }
  return NONE;
}

function forEachIndex(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const table = tableArgument(args[0], 1, args.length);
  const length = table.length();
  if (typeof args[1] !== "function") badType(2, args.length, "function", args[1]);
  for (let index = 1; index <= length; index++) {
    const answer = rt.callFirst(args[1], [index, table.getInt(index)]);
    if (answer !== undefined) return answer;
  }
  return NONE;
}
