import { argTable } from "../support.ts";
import type { FunctionBody } from "../syntax/index.ts";
import { passed } from "../tail-call.ts";
import { type LuaFunction, type LuaGenerator, type LuaResult, type LuaValue, NONE } from "../value.ts";
import { withGenerator } from "../yielding.ts";
import { Activation, type Box, type Execute, RETURN, type Store } from "./activation.ts";
import type { Plan } from "./plan.ts";

/** The closure that makes a function inside another. */
export function innerFunction(outer: Plan, body: FunctionBody): (at: Activation) => LuaFunction {
  let maker = outer.makers.get(body);
  if (maker === undefined) {
    maker = makeFunction(outer.inner(body));
    outer.makers.set(body, maker);
  }
  return maker;
}

/** The closure that makes a function: a Lua closure over the variables around it. */
export function makeFunction(plan: Plan): (at: Activation) => LuaFunction {
  const { body } = plan;
  const start = starter(plan);
  const block = plan.maker.block(plan, body.block);
  const generator = plan.chunk.mayYield ? plan.maker.yieldingBlock(plan, body.block) : undefined;
  const captures = plan.captures();
  return (outer) => {
    const upvalues = captures(outer);
    const plain: LuaFunction = (...args) => {
      const at = start(outer, upvalues, args);
      return invoke(plan, at, block);
    };
    if (generator === undefined) return plain;
    const yielding: LuaGenerator = function* (...args) {
      const at = start(outer, upvalues, args);
      try {
        return (yield* generator(at)) === RETURN ? at.result : NONE;
      } catch (thrown) {
        throw passed(thrown, plan.chunk.passing, at.site);
      }
    };
    return withGenerator(plain, yielding);
  };
}

function invoke(plan: Plan, at: Activation, block: Execute): LuaResult {
  try {
    return block(at) === RETURN ? at.result : NONE;
  } catch (thrown) {
    throw passed(thrown, plan.chunk.passing, at.site);
  }
}

/** Begins a call: counts it and puts the arguments where the parameters are. */
function starter(plan: Plan): (outer: Activation, upvalues: readonly Box[], args: readonly LuaValue[]) => Activation {
  const { body } = plan;
  const declares = body.parameters.map((parameter) => plan.declare(parameter));
  const declareArg = body.argTable === undefined ? undefined : plan.declare(body.argTable);
  return ({ rt, env }, upvalues, args) => {
    rt.tick(1);
    const varargs = body.isVararg ? args.slice(declares.length) : NONE;
    const at = new Activation(rt, env, upvalues, varargs);
    for (let place = 0; place < declares.length; place++) (declares[place] as Store)(at, args[place]);
    declareArg?.(at, body.usesVararg ? undefined : argTable(varargs));
    return at;
  };
}
