import { LuaError } from "./error.ts";
import { passed, type Sites, TailCall } from "./tail-call.ts";
import type { LuaFunction, LuaGenerator, LuaResult, LuaValue } from "./value.ts";

/** A yield that would have to cross a function that is not Lua: `pcall`, a metamethod, an iterator. */
export function yieldBarrier(): LuaError {
  return new LuaError("attempt to yield across metamethod/C-call boundary");
}

/** Gives a function the form in which it may yield. */
export function withGenerator(plain: LuaFunction, generator: LuaGenerator): LuaFunction {
  plain.gen = generator;
  return plain;
}

/** A function from its generator form alone: called where nothing may yield, it runs to its end or fails. */
export function fromGenerator(generator: LuaGenerator): LuaFunction {
  return withGenerator((...args) => {
    const step = generator(...args).next();
    if (step.done !== true) throw yieldBarrier();
    return step.value;
  }, generator);
}

/** A call in code that may yield. */
export function* run(
  callee: LuaFunction,
  args: readonly LuaValue[],
): Generator<readonly LuaValue[], LuaResult, readonly LuaValue[]> {
  let result = callee.gen === undefined ? callee(...args) : yield* callee.gen(...args);
  while (result instanceof TailCall) {
    const call: TailCall = result;
    try {
      result = call.callee.gen === undefined ? call.callee(...call.args) : yield* call.callee.gen(...call.args);
    } catch (thrown) {
      throw passed(thrown, call.sites, call.site);
    }
  }
  return result;
}

/** A tail call in code that may yield: the frame is left before the function runs, unless it is a library's. */
export function tail(callee: LuaFunction, args: LuaValue[], sites: Sites, site: number): LuaResult {
  return callee.gen === undefined ? callee(...args) : new TailCall(callee, args, sites, site);
}
