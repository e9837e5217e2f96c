import { LuaError } from "./error.ts";
import { LuaTable } from "./table.ts";
import { type LuaFunction, type LuaValue, typeName } from "./value.ts";

/**
 * Lua's `next`. It is one function for all runtimes, so a loop over `pairs(t)` can see that it is this one and walk the table
 * without calling it.
 */
export const next: LuaFunction = (...args: LuaValue[]) => {
  const table = args[0];
  if (!(table instanceof LuaTable)) throw notATable(args);
  return table.next(args[1]) ?? undefined;
};

/** The iterator that `ipairs` hands out: raw, up to the first nil. Known to loops as {@link next} is. */
export const ipairsStep: LuaFunction = (table: LuaValue, index: LuaValue) => {
  if (!(table instanceof LuaTable)) throw notATable([table]);
  const following = (index as number) + 1;
  const value = table.getInt(following);
  return value === undefined ? undefined : [following, value];
};

function notATable(args: readonly LuaValue[]): LuaError {
  return LuaError.argument(1, `table expected, got ${args.length === 0 ? "no value" : typeName(args[0])}`);
}
