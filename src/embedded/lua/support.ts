import { callable, indexText } from "./access.ts";
import { toNumber } from "./arithmetic.ts";
import { LuaError } from "./error.ts";
import { ipairsStep, next } from "./iteration.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import type { LuaResult, LuaValue } from "./value.ts";

/** The value of a global. `place` is where it stood when the chunk was made an instance of; it is looked for if it is not there. */
export function getGlobal(rt: Runtime, env: LuaTable, name: string, place: number): LuaValue {
  if (env.keys[place] === name) {
    const value = env.values[place];
    if (value !== undefined) return value;
  }
  return indexText(rt, env, name);
}

/** A number that a loop needs: `which` is `initial value`, `limit` or `step`. */
export function loopNumber(value: LuaValue, which: string): number {
  const number = toNumber(value);
  if (number === undefined) throw LuaError.at(`'for' ${which} must be a number`);
  return number;
}

/** A table made of its named items and its list: `{x = 1, 2, 3}`. The list wins over a key that is written out. */
export function joined(table: LuaTable, list: LuaValue[], named: number, mayBeNumbers: boolean): LuaTable {
  if (list.length === 0) return table;
  // The table cuts nils at the end of its list, but their places in it are taken.
  const size = list.length;
  const whole = new LuaTable(list);
  whole.reserve(named, mayBeNumbers);
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    const key = table.keyAt(place);
    if (!(typeof key === "number" && key >= 1 && key <= size && Number.isInteger(key))) whole.set(key, table.valueAt(place));
  }
  return whole;
}

/** The table `arg` of a function with `...`. */
export function argTable(values: readonly LuaValue[]): LuaTable {
  const table = new LuaTable([...values]).reserve(1, false);
  table.set("n", values.length);
  return table;
}

/** How a loop gets its values: 1 over a table's pairs, 2 over its list, 0 by calling its iterator. */
export function loopWay(call: LuaValue, state: LuaValue, control: LuaValue): number {
  if (!(state instanceof LuaTable)) return 0;
  if (call === next) return control === undefined ? 1 : 0;
  return call === ipairsStep && typeof control === "number" ? 2 : 0;
}

/** Asks a loop's iterator for the next values. */
export function callIterator(rt: Runtime, call: LuaValue, state: LuaValue, control: LuaValue): LuaResult {
  return typeof call === "function" ? call(state, control) : callable(rt, call)(state, control);
}
