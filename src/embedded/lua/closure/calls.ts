import { callable, indexText } from "../access.ts";
import { type CallExpression, calleeName, describe } from "../syntax/index.ts";
import { deferred, TAIL_CALLS_MAX } from "../tail-call.ts";
import type { LuaFunction, LuaResult, LuaValue } from "../value.ts";
import type { Activation, EvaluateAll } from "./activation.ts";
import { listEvaluator } from "./lists.ts";
import type { Plan } from "./plan.ts";

/** The closure that makes a call and gives all its results. */
export function callAll(plan: Plan, call: CallExpression, isTail = false): EvaluateAll {
  const site = callSite(plan, call, isTail);
  const args = listEvaluator(plan, call.args);
  if (call.type === "method") {
    const object = plan.maker.value(plan, call.object);
    const find = methodFinder(plan, call);
    return (at) => {
      const self = object(at);
      const callee = find(at, self);
      const values = [self, ...args(at)];
      return make(plan, at, site, functionOf(at, callee, `method '${call.name}'`), values, isTail);
    };
  }
  const target = plan.maker.value(plan, call.callee);
  const what = describe(call.callee);
  return (at) => {
    const callee = target(at);
    const values = args(at);
    return make(plan, at, site, functionOf(at, callee, what), values, isTail);
  };
}

/** Looks up the method of an object. */
export function methodFinder(plan: Plan, call: Extract<CallExpression, { type: "method" }>) {
  const site = plan.sites.place(call.line);
  const what = describe(call.object);
  return (at: Activation, self: LuaValue): LuaValue => {
    at.site = site;
    return indexText(at.rt, self, call.name, what);
  };
}

/** What to call, whatever the value is: if it is no function, something that raises the error. */
export function functionOf(at: Activation, value: LuaValue, what: string | undefined): LuaFunction {
  return typeof value === "function" ? value : callable(at.rt, value, what);
}

function make(plan: Plan, at: Activation, site: number, callee: LuaFunction, args: LuaValue[], isTail: boolean): LuaResult {
  at.site = site;
  if (isTail && ++at.rt.tails > TAIL_CALLS_MAX) {
    at.rt.tails = 0;
    return deferred(callee, plan.chunk.passing, site)(...args);
  }
  return callee(...args);
}

/** How a call's site is known: its line, and how the called function is written. */
export function callSite(plan: Plan, call: CallExpression, isTail: boolean): number {
  const name = call.type === "method" ? call.name : calleeName(call.callee);
  return plan.sites.place(call.line, name, call.type === "method", isTail);
}
