import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import type { LuaValue } from "../value.ts";
import { fail, refuseReadonly } from "./arguments.ts";
import { passedLibrary } from "./callback.ts";

/**
 * Sorts the keys 1…n of a table in place, as Lua 5.1 does: quicksort with the median of three as pivot, so that a comparison
 * function sees the same pairs in the same order.
 *
 * @throws {LuaError} "invalid order function for sorting", where the comparison function contradicts itself
 */
export function sort(rt: Runtime, table: LuaTable, compare: LuaValue): void {
  const length = table.length();
  rt.tick(length);
  if (compare === undefined && sortAlike(table, length)) return;
  const before = compare === undefined ? lessThan(rt) : comparedBy(rt, compare);
  if (length > 1) refuseReadonly(table);
  if (!quicksort(table, 1, length, before)) fail("invalid order function for sorting");
}

type Before = (left: LuaValue, right: LuaValue) => boolean;

function lessThan(rt: Runtime): Before {
  return (left, right) => {
    try {
      return rt.lessThan(left, right);
    } catch (error) {
      throw passedLibrary(error);
    }
  };
}

function comparedBy(rt: Runtime, compare: LuaValue): Before {
  return (left, right) => {
    rt.tick(1);
    const answer = rt.callFirst(compare, [left, right]);
    return answer !== undefined && answer !== false;
  };
}

/** Numbers alone or texts alone have one order only, whoever sorts them. NaN has none, and 0 and -0 have two. */
function sortAlike(table: LuaTable, length: number): boolean {
  const { array } = table;
  if (table.readonly || length !== array.length) return false;
  const type = typeof array[0];
  if (type !== "number" && type !== "string") return false;
  for (const value of array) if (typeof value !== type || Number.isNaN(value) || Object.is(value, -0)) return false;
  if (type === "number") (array as number[]).sort((left, right) => left - right || 0);
  else (array as string[]).sort(byBytes);
  return true;
}

function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorts the keys from `low` to `high`; false if the comparison led out of them. */
function quicksort(table: LuaTable, low: number, high: number, before: Before): boolean {
  let from = low;
  let to = high;
  while (from < to) {
    if (before(table.getInt(to), table.getInt(from))) swap(table, from, to);
    if (to - from === 1) return true;
    const middle = Math.floor((from + to) / 2);
    if (before(table.getInt(middle), table.getInt(from))) swap(table, middle, from);
    else if (before(table.getInt(to), table.getInt(middle))) swap(table, middle, to);
    if (to - from === 2) return true;
    const pivot = table.getInt(middle);
    swap(table, middle, to - 1);
    const split = partition(table, from, to, pivot, before);
    if (split < 0) return false;
    swap(table, to - 1, split);
    // The smaller part by recursion, so that the depth stays below log2 of the length.
    if (split - from < to - split) {
      if (!quicksort(table, from, split - 1, before)) return false;
      from = split + 1;
    } else {
      if (!quicksort(table, split + 1, to, before)) return false;
      to = split - 1;
    }
  }
  return true;
}

/** Brings what is before the pivot to the left of what is after it. The place of the split, or -1. */
function partition(table: LuaTable, from: number, to: number, pivot: LuaValue, before: Before): number {
  let left = from;
  let right = to - 1;
  for (;;) {
    while (before(table.getInt(++left), pivot)) if (left > to) return -1;
    while (before(pivot, table.getInt(--right))) if (right < from) return -1;
    if (right < left) return left;
    swap(table, left, right);
  }
}

function swap(table: LuaTable, left: number, right: number): void {
  const value = table.getInt(left);
  table.set(left, table.getInt(right));
  table.set(right, value);
}
