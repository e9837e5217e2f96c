import { asLuaError, LuaError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { Coroutine, type LuaFunction, type LuaResult, type LuaValue } from "../value.ts";
import { run, yieldBarrier } from "../yielding.ts";
import { badArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";

/** What a coroutine costs to make, in steps. */
const CREATE_STEPS = 50;

/** The library `coroutine`. A coroutine is a generator; it may yield wherever only Lua functions stand between it and its body. */
export function coroutineLibrary(rt: Runtime): LuaTable {
  return tableOf({
    create: (...args) => {
      rt.tick(CREATE_STEPS);
      return new Coroutine(body(args));
    },
    resume: (...args) => {
      const coroutine = coroutineArgument(args);
      try {
        return [true, ...resume(rt, coroutine, args.slice(1))];
      } catch (thrown) {
        return [false, failure(thrown)];
      }
    },
    running: () => rt.coroutine,
    status: (...args) => coroutineArgument(args).status,
    wrap: (...args) => {
      rt.tick(CREATE_STEPS);
      const coroutine = new Coroutine(body(args));
      return (...values) => {
        try {
          return resume(rt, coroutine, values);
        } catch (thrown) {
          const value = failure(thrown);
          const isText = typeof value === "string" || typeof value === "number";
          throw isText ? LuaError.at(rt.tostring(value)) : new LuaError(value);
        }
      };
    },
    yield: yielding,
  });
}

const yielding: LuaFunction = () => {
  throw yieldBarrier();
};
yielding.gen = function* (...args) {
  return yield args;
};

function body(args: readonly LuaValue[]): LuaFunction {
  const [value] = args;
  if (typeof value === "function" && value.gen !== undefined && value !== yielding) return value;
  return badArgument(1, "Lua function expected");
}

function coroutineArgument(args: readonly LuaValue[]): Coroutine {
  return args[0] instanceof Coroutine ? args[0] : badArgument(1, "coroutine expected");
}

/** Runs a coroutine up to its next yield or its end, and hands back what came out. */
function resume(rt: Runtime, coroutine: Coroutine, args: readonly LuaValue[]): readonly LuaValue[] {
  if (coroutine.status !== "suspended") throw new LuaError(`cannot resume ${coroutine.status} coroutine`);
  // A coroutine may begin one level deeper than other calls.
  rt.enter(0, 1);
  const outer = rt.coroutine;
  if (outer !== undefined) outer.status = "normal";
  coroutine.status = "running";
  rt.coroutine = coroutine;
  let isDone = true;
  try {
    const started = coroutine.running !== undefined;
    coroutine.running ??= run(coroutine.body, args);
    const step = started ? coroutine.running.next(args) : coroutine.running.next([]);
    isDone = step.done === true;
    return listOf(step.value);
  } finally {
    rt.nested--;
    coroutine.status = isDone ? "dead" : "suspended";
    rt.coroutine = outer;
    if (outer !== undefined) outer.status = "running";
  }
}

function listOf(result: LuaResult): readonly LuaValue[] {
  return Array.isArray(result) ? (result as readonly LuaValue[]) : [result as LuaValue];
}

/** The error value that ended a coroutine. What Lua may not catch goes on. */
function failure(thrown: unknown): LuaValue {
  const error = asLuaError(thrown);
  if (!(error instanceof LuaError)) throw thrown;
  error.leave();
  return error.value;
}
