import { index } from "../access.ts";
import { concat, isTrue } from "../arithmetic.ts";
import { joined } from "../support.ts";
import { type CallExpression, compiledOperands, describe, type Expression, isMultiple } from "../syntax/index.ts";
import { LuaTable } from "../table.ts";
import { first, many } from "../tail-call.ts";
import type { LuaResult, LuaValue } from "../value.ts";
import { run, tail } from "../yielding.ts";
import type { Activation, Yielding } from "./activation.ts";
import { callSite, functionOf, methodFinder } from "./calls.ts";
import { allEvaluator } from "./lists.ts";
import { mayCall } from "./may-call.ts";
import { combiner, isReadLate, unaryApply } from "./operators.ts";
import type { Plan } from "./plan.ts";

/** Gives the value of an expression in which a call may yield. */
export type YieldingEvaluate = (at: Activation) => Yielding<LuaValue>;

/** The generator that gives an expression's one value. What calls nothing is left to its closure. */
export function yieldingEvaluator(plan: Plan, expression: Expression): YieldingEvaluate {
  if (!mayCall(expression)) return settled(plan, expression);
  switch (expression.type) {
    case "call":
    case "method": {
      const call = yieldingCall(plan, expression);
      return function* (at) {
        return first(yield* call(at));
      };
    }
    case "paren":
      return yieldingEvaluator(plan, expression.expression);
    case "index":
      return yieldingIndex(plan, expression);
    case "logical":
      return yieldingLogical(plan, expression);
    case "binary":
      return yieldingBinary(plan, expression);
    case "concat":
      return yieldingConcat(plan, expression);
    case "table":
      return yieldingTable(plan, expression);
    default:
      return yieldingUnary(plan, expression);
  }
}

function settled(plan: Plan, expression: Expression): YieldingEvaluate {
  const evaluate = plan.maker.value(plan, expression);
  // biome-ignore lint/correctness/useYield: it has the shape of those that do.
  return function* (at) {
    return evaluate(at);
  };
}

/** The generator that gives the values of a list of expressions, of the last one all. */
export function yieldingList(plan: Plan, expressions: readonly Expression[]): (at: Activation) => Yielding<LuaValue[]> {
  const last = expressions.at(-1);
  const spreads = isMultiple(last);
  const each = (spreads ? expressions.slice(0, -1) : expressions).map((expression) => yieldingEvaluator(plan, expression));
  const rest = spreads && last !== undefined ? yieldingAll(plan, last) : undefined;
  return function* (at) {
    const values: LuaValue[] = [];
    for (const evaluate of each) values.push(yield* evaluate(at));
    if (rest !== undefined) values.push(...many(yield* rest(at)));
    return values;
  };
}

/** The generator that gives all values of a call or of `...`. */
function yieldingAll(plan: Plan, expression: Expression): (at: Activation) => Yielding<LuaResult> {
  if (expression.type === "call" || expression.type === "method") return yieldingCall(plan, expression);
  const evaluate = allEvaluator(plan, expression);
  // biome-ignore lint/correctness/useYield: it has the shape of those that do.
  return function* (at) {
    return evaluate(at);
  };
}

/** The generator that makes a call. */
export function yieldingCall(plan: Plan, call: CallExpression, isTail = false): (at: Activation) => Yielding<LuaResult> {
  const site = callSite(plan, call, isTail);
  const list = yieldingList(plan, call.args);
  const target = yieldingEvaluator(plan, call.type === "method" ? call.object : call.callee);
  const find = call.type === "method" ? methodFinder(plan, call) : undefined;
  const what = call.type === "method" ? `method '${call.name}'` : describe(call.callee);
  return function* (at) {
    const object = yield* target(at);
    const value = find === undefined ? object : find(at, object);
    const args = yield* list(at);
    if (find !== undefined) args.unshift(object);
    const callee = functionOf(at, value, what);
    at.site = site;
    return isTail ? tail(callee, args, plan.chunk.passing, site) : yield* run(callee, args);
  };
}

function yieldingIndex(plan: Plan, expression: Extract<Expression, { type: "index" }>): YieldingEvaluate {
  const list = yieldingList(plan, [asOne(expression.object), asOne(expression.key)]);
  const site = plan.sites.place(expression.line);
  const what = describe(expression.object);
  return function* (at) {
    const [object, key] = yield* list(at);
    at.site = site;
    return index(at.rt, object, key, what);
  };
}

/** The expression as one value, so that a list does not spread it. */
function asOne(expression: Expression): Expression {
  return isMultiple(expression) ? { type: "paren", expression } : expression;
}

function yieldingLogical(plan: Plan, expression: Extract<Expression, { type: "logical" }>): YieldingEvaluate {
  const left = yieldingEvaluator(plan, expression.left);
  const right = yieldingEvaluator(plan, expression.right);
  const isAnd = expression.operator === "and";
  return function* (at) {
    const value = yield* left(at);
    return isTrue(value) === isAnd ? yield* right(at) : value;
  };
}

function yieldingBinary(plan: Plan, expression: Extract<Expression, { type: "binary" }>): YieldingEvaluate {
  const [left, right] = compiledOperands(expression, (operand) => yieldingEvaluator(plan, operand));
  const combine = combiner(plan, expression);
  const isLate = isReadLate(expression);
  return function* (at) {
    const early = isLate ? undefined : yield* left(at);
    const value = yield* right(at);
    return combine(at, isLate ? yield* left(at) : early, value);
  };
}

function yieldingConcat(plan: Plan, expression: Extract<Expression, { type: "concat" }>): YieldingEvaluate {
  const list = yieldingList(plan, expression.operands.map(asOne));
  const what = expression.operands.map(describe);
  const site = plan.sites.place(expression.line);
  return function* (at) {
    const values = yield* list(at);
    at.site = site;
    return concat(at.rt, values, what);
  };
}

function yieldingUnary(plan: Plan, expression: Expression): YieldingEvaluate {
  if (expression.type === "not") {
    const operand = yieldingEvaluator(plan, expression.operand);
    return function* (at) {
      return !isTrue(yield* operand(at));
    };
  }
  if (expression.type !== "unary") return settled(plan, expression);
  const operand = yieldingEvaluator(plan, expression.operand);
  const apply = unaryApply(plan, expression);
  return function* (at) {
    return apply(at, yield* operand(at));
  };
}

function yieldingTable(plan: Plan, { items }: Extract<Expression, { type: "table" }>): YieldingEvaluate {
  const named = items.filter((item) => item.key !== undefined).length;
  const mayBeNumbers = items.some(({ key }) => key !== undefined && key.type !== "string");
  const steps = items.map((item, place) => {
    const value = place === items.length - 1 && item.key === undefined ? item.value : asOne(item.value);
    const list = yieldingList(plan, item.key === undefined ? [value] : [asOne(item.key), value]);
    return { list, isNamed: item.key !== undefined, site: plan.sites.place(item.line) };
  });
  return function* (at) {
    const table = new LuaTable().reserve(named, mayBeNumbers);
    const values: LuaValue[] = [];
    for (const { list, isNamed, site } of steps) {
      const results = yield* list(at);
      at.site = site;
      if (isNamed) table.set(results[0], results[1]);
      else values.push(...results);
    }
    return joined(table, values, named, mayBeNumbers);
  };
}
