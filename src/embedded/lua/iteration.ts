import { toNumber } from "./arithmetic.ts";
import { LuaError } from "./error.ts";
import { LuaTable } from "./table.ts";
import { type LuaFunction, type LuaValue, NONE, typeName } from "./value.ts";

/**
 * Lua's `next`. It is one function for all runtimes, so a loop over `pairs(t)` can see that it is this one and walk the table
 * without calling it.
 */
export const next: LuaFunction = (...args: LuaValue[]) => {
  const table = args[0];
  if (!(table instanceof LuaTable)) throw wrongArgument(args, 1, "table");
  return table.next(args[1]) ?? undefined;
};

/** The iterator that `ipairs` hands out: raw, up to the first nil. Known to loops as {@link next} is. */
export const ipairsStep: LuaFunction = (...args: LuaValue[]) => {
  const index = toNumber(args[1]);
  if (index === undefined) throw wrongArgument(args, 2, "number");
  const table = args[0];
  if (!(table instanceof LuaTable)) throw wrongArgument(args, 1, "table");
  const following = (index | 0) + 1;
  const value = table.getInt(following);
  return value === undefined ? NONE : [following, value];
};

function wrongArgument(args: readonly LuaValue[], position: number, expected: string): LuaError {
  const got = args.length < position ? "no value" : typeName(args[position - 1]);
  return LuaError.argument(position, `${expected} expected, got ${got}`);
}
