import { formatNumber14, parseNumber, power } from "../number/index.ts";
import { metamethod, wrongType } from "./access.ts";
import { LuaError } from "./error.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { type LuaValue, typeName } from "./value.ts";

/** A long text that is read as a number takes so much more work than one that is compared. */
export const digitCost = 16;

/** A value as a number, where Lua takes a numeric string for one; otherwise nil. */
export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseNumber(value) : undefined;
}

/** What the operators do once they have two numbers. */
const operators: Readonly<Record<ArithmeticEvent, (left: number, right: number) => number>> = {
  __add: (left, right) => left + right,
  __sub: (left, right) => left - right,
  __mul: (left, right) => left * right,
  __div: (left, right) => left / right,
  __mod: modulo,
  __pow: power,
  __unm: (operand) => -operand,
};

export { power };

export type ArithmeticEvent = "__add" | "__sub" | "__mul" | "__div" | "__mod" | "__pow" | "__unm";

/** Lua's `%`: the remainder has the sign of the divisor. */
export function modulo(left: number, right: number): number {
  return left - Math.floor(left / right) * right;
}

/** An arithmetic operator whose operands are not both numbers. The texts say how the code calls the operands. */
export function arithmetic(
  rt: Runtime,
  event: ArithmeticEvent,
  left: LuaValue,
  right: LuaValue,
  whatLeft?: string,
  whatRight?: string,
): LuaValue {
  if (typeof left === "string") rt.read(digitCost * left.length);
  if (typeof right === "string") rt.read(digitCost * right.length);
  const a = toNumber(left);
  const b = toNumber(right);
  if (a !== undefined && b !== undefined) return operators[event](a, b);
  const handler = metamethod(rt, left, event) ?? metamethod(rt, right, event);
  if (handler !== undefined) return rt.callMetamethod(handler, left, right);
  if (a === undefined) throw wrongType(left, "perform arithmetic on", whatLeft);
  throw wrongType(right, "perform arithmetic on", whatRight);
}

/** `a .. b .. c`, from the right, as Lua does it. `what` holds how the code calls the operands. */
export function concat(rt: Runtime, operands: LuaValue[], what?: readonly (string | undefined)[]): LuaValue {
  let at = operands.length - 1;
  let right = operands[at];
  let joined = 0;
  while (--at >= 0) {
    const left = operands[at];
    const leftText = concatText(left);
    const rightText = leftText === undefined ? undefined : concatText(right);
    if (leftText !== undefined && rightText !== undefined) {
      right = leftText + rightText;
      joined++;
      continue;
    }
    const handler = metamethod(rt, left, "__concat") ?? metamethod(rt, right, "__concat");
    if (handler !== undefined) right = rt.callMetamethod(handler, left, right);
    else if (leftText === undefined) throw wrongType(left, "concatenate", what?.[at]);
    else throw wrongType(right, "concatenate", joined === 0 ? what?.[at + 1] : undefined);
    joined++;
  }
  return right;
}

function concatText(value: LuaValue): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber14(value) : undefined;
}

/** `#value`. Tables are never asked for `__len` in Lua 5.1. */
export function length(rt: Runtime, value: LuaValue, what?: string): LuaValue {
  if (value instanceof LuaTable) return value.length();
  if (typeof value === "string") return value.length;
  const handler = metamethod(rt, value, "__len");
  if (handler !== undefined) return rt.callMetamethod(handler, value, undefined);
  throw wrongType(value, "get length of", what);
}

/** Two values that are not the same one: whether their `__eq` calls them equal. */
export function equalByMetatable(rt: Runtime, left: LuaValue, right: LuaValue): boolean {
  if (!(left instanceof LuaTable) || !(right instanceof LuaTable)) return false;
  const handler = sharedHandler(rt, left, right, "__eq");
  return handler !== undefined && isTrue(rt.callMetamethod(handler, left, right));
}

/** `left < right` where they are not both numbers. */
export function lessThan(rt: Runtime, left: LuaValue, right: LuaValue): boolean {
  if (typeof left === "number" && typeof right === "number") return left < right;
  if (typeof left === "string" && typeof right === "string") {
    rt.read(Math.min(left.length, right.length));
    return left < right;
  }
  if (typeName(left) === typeName(right)) {
    const handler = sharedHandler(rt, left, right, "__lt");
    if (handler !== undefined) return isTrue(rt.callMetamethod(handler, left, right));
  }
  throw incomparable(left, right);
}

/** `left <= right` where they are not both numbers: without `__le`, `not (right < left)`. */
export function lessEqual(rt: Runtime, left: LuaValue, right: LuaValue): boolean {
  if (typeof left === "number" && typeof right === "number") return left <= right;
  if (typeof left === "string" && typeof right === "string") {
    rt.read(Math.min(left.length, right.length));
    return left <= right;
  }
  if (typeName(left) === typeName(right)) {
    const handler = sharedHandler(rt, left, right, "__le");
    if (handler !== undefined) return isTrue(rt.callMetamethod(handler, left, right));
    const opposite = sharedHandler(rt, right, left, "__lt");
    if (opposite !== undefined) return !isTrue(rt.callMetamethod(opposite, right, left));
  }
  throw incomparable(left, right);
}

/** The handler of a comparison: Lua 5.1 asks for the same one on both sides. */
function sharedHandler(rt: Runtime, left: LuaValue, right: LuaValue, event: string): LuaValue {
  const handler = metamethod(rt, left, event);
  if (handler === undefined) return undefined;
  if (left instanceof LuaTable && right instanceof LuaTable && left.metatable === right.metatable) return handler;
  const other = metamethod(rt, right, event);
  return other !== undefined && (handler === other || equalByMetatable(rt, handler, other)) ? handler : undefined;
}

function incomparable(left: LuaValue, right: LuaValue): LuaError {
  const kinds = [typeName(left), typeName(right)];
  return LuaError.at(
    kinds[0] === kinds[1] ? `attempt to compare two ${kinds[0]} values` : `attempt to compare ${kinds[0]} with ${kinds[1]}`,
  );
}

/** Whether a condition holds: everything but nil and false. */
export function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}
