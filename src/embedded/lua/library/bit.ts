import type { LuaTable } from "../table.ts";
import type { LuaFunction, LuaValue } from "../value.ts";
import { numberArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";

/** The library `bit` (Lua BitOp): operations on the lower 32 bits of numbers; results are signed. */
export function bitLibrary(): LuaTable {
  return tableOf(functions);
}

const functions: Readonly<Record<string, LuaValue>> = {
  tobit: (...args) => bitsOf(args, 0),
  bnot: (...args) => ~bitsOf(args, 0),
  bswap: (...args) => {
    const bits = bitsOf(args, 0);
    return (bits << 24) | ((bits & 0xff00) << 8) | ((bits >>> 8) & 0xff00) | (bits >>> 24);
  },
  band: folded((left, right) => left & right),
  bor: folded((left, right) => left | right),
  bxor: folded((left, right) => left ^ right),
  lshift: shift((bits, by) => bits << by),
  rshift: shift((bits, by) => (bits >>> by) | 0),
  arshift: shift((bits, by) => bits >> by),
  // Shifts by 32 are shifts by 0 in JavaScript, so turning by 0 is right as well.
  rol: shift((bits, by) => (bits << by) | (bits >>> (32 - by))),
  ror: shift((bits, by) => (bits >>> by) | (bits << (32 - by))),
  tohex: (...args) => {
    const bits = bitsOf(args, 0) >>> 0;
    const asked = args.length < 2 ? 8 : bitsOf(args, 1);
    const count = Math.min(Math.abs(asked), 8);
    const digits = count === 0 ? "" : bits.toString(16).padStart(8, "0").slice(-count);
    return asked < 0 ? digits.toUpperCase() : digits;
  },
};

function folded(compute: (left: number, right: number) => number): LuaFunction {
  return (...args) => {
    let result = bitsOf(args, 0);
    // From the last to the second: the order shows when several are wrong.
    for (let index = args.length - 1; index > 0; index--) result = compute(result, bitsOf(args, index));
    return result;
  };
}

function shift(compute: (bits: number, by: number) => number): LuaFunction {
  return (...args) => compute(bitsOf(args, 0), bitsOf(args, 1) & 31);
}

/** Adding it leaves the integer part of a number, rounded to even, in the lower 32 bits of the mantissa. */
const INTEGER_SHIFT = 2 ** 52 + 2 ** 51;
const view = new DataView(new ArrayBuffer(8));

function bitsOf(args: readonly LuaValue[], index: number): number {
  const value = numberArgument(args[index], index + 1, args.length);
  if ((value | 0) === value) return value | 0;
  view.setFloat64(0, value + INTEGER_SHIFT);
  return view.getInt32(4);
}
