import { arithmetic, equalByMetatable, length, lessEqual, lessThan, modulo, power } from "../arithmetic.ts";
import { describe, type Expression } from "../syntax/index.ts";
import type { LuaValue } from "../value.ts";
import type { Activation } from "./activation.ts";
import type { Plan } from "./plan.ts";

type Binary = Extract<Expression, { type: "binary" }>;
type Combine = (at: Activation, left: LuaValue, right: LuaValue) => LuaValue;

/** What a binary operator does once it has both operands. */
export function combiner(plan: Plan, expression: Binary): Combine {
  const site = plan.sites.place(expression.line);
  switch (expression.operator) {
    case "==":
      return (at, left, right) => left === right || isEqual(at, site, left, right);
    case "~=":
      return (at, left, right) => left !== right && !isEqual(at, site, left, right);
    case "<":
      return compare(site, lessThan, false);
    case ">":
      return compare(site, lessThan, true);
    case "<=":
      return compare(site, lessEqual, false);
    case ">=":
      return compare(site, lessEqual, true);
    default:
      return arithmeticCombiner(expression, site);
  }
}

function isEqual(at: Activation, site: number, left: LuaValue, right: LuaValue): boolean {
  at.site = site;
  return equalByMetatable(at.rt, left, right);
}

function compare(site: number, test: typeof lessThan, isSwapped: boolean): Combine {
  return (at, left, right) => {
    at.site = site;
    return isSwapped ? test(at.rt, right, left) : test(at.rt, left, right);
  };
}

const OPERATORS = {
  "+": ["__add", (a: number, b: number) => a + b],
  "-": ["__sub", (a: number, b: number) => a - b],
  "*": ["__mul", (a: number, b: number) => a * b],
  "/": ["__div", (a: number, b: number) => a / b],
  "%": ["__mod", modulo],
  "^": ["__pow", power],
} as const;

function arithmeticCombiner(expression: Binary, site: number): Combine {
  const [event, compute] = OPERATORS[expression.operator as keyof typeof OPERATORS];
  const [whatLeft, whatRight] = [describe(expression.left), describe(expression.right)];
  return (at, left, right) => {
    if (typeof left === "number" && typeof right === "number") return compute(left, right);
    at.site = site;
    return arithmetic(at.rt, event, left, right, whatLeft, whatRight);
  };
}

/** Whether Lua reads the left operand after the right one was evaluated: it does so with its own locals. */
export function isReadLate(expression: Binary): boolean {
  return expression.left.type === "local" && !expression.left.upvalue;
}

/** What `-` or `#` does with its operand. */
export function unaryApply(plan: Plan, expression: Extract<Expression, { type: "unary" }>) {
  const site = plan.sites.place(expression.line);
  const what = describe(expression.operand);
  const isMinus = expression.operator === "-";
  return (at: Activation, value: LuaValue): LuaValue => {
    if (isMinus && typeof value === "number") return -value;
    at.site = site;
    return isMinus ? arithmetic(at.rt, "__unm", value, value, what, what) : length(at.rt, value, what);
  };
}
