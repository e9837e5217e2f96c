import { index } from "../access.ts";
import { concat, isTrue } from "../arithmetic.ts";
import { getGlobal, joined } from "../support.ts";
import { compiledOperands, constantOf, describe, type Expression, isMultiple, type TableItem } from "../syntax/index.ts";
import { LuaTable } from "../table.ts";
import { first, many } from "../tail-call.ts";
import type { LuaValue } from "../value.ts";
import type { Evaluate } from "./activation.ts";
import { allEvaluator } from "./lists.ts";
import { combiner, isReadLate, unaryApply } from "./operators.ts";
import type { Plan } from "./plan.ts";

/** The closure that gives an expression's one value. */
export function evaluator(plan: Plan, expression: Expression): Evaluate {
  switch (expression.type) {
    case "nil":
      return () => undefined;
    case "number": {
      const value = constantOf(plan.body, expression.value);
      return () => value;
    }
    case "boolean":
    case "string": {
      const { value } = expression;
      return () => value;
    }
    case "vararg":
      return (at) => at.varargs[0];
    case "local":
      return plan.read(expression.variable);
    case "global":
      return globalEvaluator(plan, expression);
    case "function":
      return plan.maker.closure(plan, expression.body);
    case "paren":
      return evaluator(plan, expression.expression);
    case "call":
    case "method": {
      const call = plan.maker.call(plan, expression);
      return (at) => first(call(at));
    }
    case "index":
      return indexEvaluator(plan, expression);
    case "not": {
      const operand = evaluator(plan, expression.operand);
      return (at) => !isTrue(operand(at));
    }
    case "logical":
      return logicalEvaluator(plan, expression);
    case "binary":
      return binaryEvaluator(plan, expression);
    case "unary":
      return unaryEvaluator(plan, expression);
    case "concat":
      return concatEvaluator(plan, expression);
    case "table":
      return tableEvaluator(plan, expression);
  }
}

function globalEvaluator(plan: Plan, { name, line }: Extract<Expression, { type: "global" }>): Evaluate {
  const site = plan.sites.place(line);
  return (at) => {
    at.site = site;
    return getGlobal(at.rt, at.env, name, 0);
  };
}

function indexEvaluator(plan: Plan, expression: Extract<Expression, { type: "index" }>): Evaluate {
  const object = evaluator(plan, expression.object);
  const key = evaluator(plan, expression.key);
  const site = plan.sites.place(expression.line);
  const what = describe(expression.object);
  return (at) => {
    const from = object(at);
    const by = key(at);
    at.site = site;
    return index(at.rt, from, by, what);
  };
}

function logicalEvaluator(plan: Plan, expression: Extract<Expression, { type: "logical" }>): Evaluate {
  const left = evaluator(plan, expression.left);
  const right = evaluator(plan, expression.right);
  const isAnd = expression.operator === "and";
  return (at) => {
    const value = left(at);
    return isTrue(value) === isAnd ? right(at) : value;
  };
}

function binaryEvaluator(plan: Plan, expression: Extract<Expression, { type: "binary" }>): Evaluate {
  const [left, right] = compiledOperands(expression, (operand) => evaluator(plan, operand));
  const combine = combiner(plan, expression);
  if (!isReadLate(expression)) return (at) => combine(at, left(at), right(at));
  return (at) => {
    const value = right(at);
    return combine(at, left(at), value);
  };
}

function unaryEvaluator(plan: Plan, expression: Extract<Expression, { type: "unary" }>): Evaluate {
  const operand = evaluator(plan, expression.operand);
  const apply = unaryApply(plan, expression);
  return (at) => apply(at, operand(at));
}

function concatEvaluator(plan: Plan, expression: Extract<Expression, { type: "concat" }>): Evaluate {
  const operands = expression.operands.map((operand) => evaluator(plan, operand));
  const what = expression.operands.map(describe);
  const site = plan.sites.place(expression.line);
  return (at) => {
    const values = operands.map((operand) => operand(at));
    at.site = site;
    return concat(at.rt, values, what);
  };
}

function tableEvaluator(plan: Plan, { items }: Extract<Expression, { type: "table" }>): Evaluate {
  const steps = items.map((item, place) => itemStep(plan, item, place === items.length - 1));
  const named = items.filter((item) => item.key !== undefined).length;
  const mayBeNumbers = items.some(({ key }) => key !== undefined && key.type !== "string");
  return (at) => {
    const table = new LuaTable().reserve(named, mayBeNumbers);
    const list: LuaValue[] = [];
    for (const step of steps) step(at, table, list);
    return joined(table, list, named, mayBeNumbers);
  };
}

function itemStep(
  plan: Plan,
  item: TableItem,
  isLast: boolean,
): (at: Parameters<Evaluate>[0], table: LuaTable, list: LuaValue[]) => void {
  if (item.key === undefined) {
    const values = allEvaluator(plan, item.value);
    if (isLast && isMultiple(item.value)) return (at, _table, list) => list.push(...many(values(at)));
    const value = evaluator(plan, item.value);
    return (at, _table, list) => list.push(value(at));
  }
  const key = evaluator(plan, item.key);
  const value = evaluator(plan, item.value);
  const site = plan.sites.place(item.line);
  return (at, table) => {
    const under = key(at);
    const stored = value(at);
    at.site = site;
    table.set(under, stored);
  };
}
