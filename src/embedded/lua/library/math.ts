import { power } from "../../number/index.ts";
import type { LuaTable } from "../table.ts";
import { type LuaFunction, type LuaResult, type LuaValue, NONE } from "../value.ts";
import { badArgument, fail, intArgument, numberArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { Random } from "./random.ts";

/** The library `math`. Its random numbers are Redis': the same in every engine. */
export function mathLibrary(): LuaTable {
  const random = new Random();
  return tableOf({
    ...functions,
    random: (...args) => randomNumber(random, args),
    randomseed: (...args) => {
      random.seed(intArgument(args[0], 1, args.length));
      return NONE;
    },
  });
}

function ofOne(compute: (value: number) => number): LuaFunction {
  return (...args) => compute(numberArgument(args[0], 1, args.length));
}

function ofTwo(compute: (left: number, right: number) => number): LuaFunction {
  return (...args) => {
    // The second one first: C's order, which shows when both are wrong.
    const right = numberArgument(args[1], 2, args.length);
    return compute(numberArgument(args[0], 1, args.length), right);
  };
}

const remainder = ofTwo((left, right) => left % right);

const functions: Readonly<Record<string, LuaValue>> = {
  pi: Math.PI,
  huge: Number.POSITIVE_INFINITY,
  abs: ofOne(Math.abs),
  ceil: ofOne(Math.ceil),
  floor: ofOne(Math.floor),
  sqrt: ofOne(Math.sqrt),
  exp: ofOne(Math.exp),
  log: ofOne(Math.log),
  log10: ofOne(Math.log10),
  sin: ofOne(Math.sin),
  cos: ofOne(Math.cos),
  tan: ofOne(Math.tan),
  asin: ofOne(Math.asin),
  acos: ofOne(Math.acos),
  atan: ofOne(Math.atan),
  sinh: ofOne(Math.sinh),
  cosh: ofOne(Math.cosh),
  tanh: ofOne(Math.tanh),
  deg: ofOne((value) => value / (Math.PI / 180)),
  rad: ofOne((value) => value * (Math.PI / 180)),
  atan2: ofTwo(Math.atan2),
  pow: ofTwo(power),
  fmod: remainder,
  mod: remainder,
  modf: (...args) => splitFraction(numberArgument(args[0], 1, args.length)),
  frexp: (...args) => splitExponent(numberArgument(args[0], 1, args.length)),
  ldexp: (...args) => {
    const power = intArgument(args[1], 2, args.length);
    return scale(numberArgument(args[0], 1, args.length), power);
  },
  max: (...args) => {
    let largest = numberArgument(args[0], 1, args.length);
    for (let index = 1; index < args.length; index++) {
      const value = numberArgument(args[index], index + 1, args.length);
      if (value > largest) largest = value;
    }
    return largest;
  },
  min: (...args) => {
    let smallest = numberArgument(args[0], 1, args.length);
    for (let index = 1; index < args.length; index++) {
      const value = numberArgument(args[index], index + 1, args.length);
      if (value < smallest) smallest = value;
    }
    return smallest;
  },
};

function splitFraction(value: number): LuaResult {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? [value, value] : [value, value > 0 ? 0 : -0];
  const whole = Math.trunc(value);
  const fraction = value - whole;
  return [whole, fraction === 0 && (value < 0 || Object.is(value, -0)) ? -0 : fraction];
}

const view = new DataView(new ArrayBuffer(8));

function splitExponent(value: number): LuaResult {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  view.setFloat64(0, value);
  let bias = 1022;
  if (((view.getUint16(0) >> 4) & 0x7ff) === 0) {
    // A denormal number has no exponent to read until it is scaled up.
    view.setFloat64(0, value * 2 ** 54);
    bias += 54;
  }
  const head = view.getUint16(0);
  view.setUint16(0, (head & 0x800f) | (1022 << 4));
  return [view.getFloat64(0), ((head >> 4) & 0x7ff) - bias];
}

/** `value` times two to a power, rounded once. */
function scale(value: number, power: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const [mantissa, exponent] = splitExponent(value) as [number, number];
  const sum = Math.max(-2100, Math.min(2100, exponent + power));
  if (sum > 1024) return mantissa * Number.POSITIVE_INFINITY;
  return sum >= -1021 ? mantissa * 2 * 2 ** (sum - 1) : mantissa * 2 ** -1021 * 2 ** Math.max(sum + 1021, -1074);
}

function randomNumber(random: Random, args: readonly LuaValue[]): LuaResult {
  const value = random.next();
  if (args.length === 0) return value;
  if (args.length > 2) fail("wrong number of arguments");
  const low = args.length === 1 ? 1 : intArgument(args[0], 1, args.length);
  const high = intArgument(args[args.length - 1], args.length, args.length);
  if (low > high) badArgument(args.length, "interval is empty");
  // C computes the width in 32 bits, where the widest one overflows.
  return Math.floor(value * (args.length === 1 ? high : (high - low + 1) | 0)) + low;
}
