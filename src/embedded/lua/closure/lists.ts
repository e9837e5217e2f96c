import { type Expression, isMultiple } from "../syntax/index.ts";
import { many } from "../tail-call.ts";
import type { LuaValue } from "../value.ts";
import type { Activation, Evaluate, EvaluateAll } from "./activation.ts";
import type { Plan } from "./plan.ts";

/** The closure that gives all values of a call or of `...`. */
export function allEvaluator(plan: Plan, expression: Expression): EvaluateAll {
  if (expression.type === "call" || expression.type === "method") return plan.maker.call(plan, expression);
  return expression.type === "vararg" ? (at) => at.varargs : plan.maker.value(plan, expression);
}

/** The closure that gives the values of a list of expressions, of the last one all. */
export function listEvaluator(plan: Plan, expressions: readonly Expression[]): (at: Activation) => LuaValue[] {
  const last = expressions.at(-1);
  const spreads = isMultiple(last);
  const each = (spreads ? expressions.slice(0, -1) : expressions).map((expression) => plan.maker.value(plan, expression));
  const rest = spreads && last !== undefined ? allEvaluator(plan, last) : undefined;
  return (at) => {
    const values: LuaValue[] = [];
    for (let place = 0; place < each.length; place++) values.push((each[place] as Evaluate)(at));
    if (rest !== undefined) values.push(...many(rest(at)));
    return values;
  };
}
