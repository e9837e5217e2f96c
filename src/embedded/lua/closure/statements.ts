import { setIndex } from "../access.ts";
import { isTrue } from "../arithmetic.ts";
import { describe, type Expression, isAtom, isMultiple, isSettled, type Statement, type Target } from "../syntax/index.ts";
import { drop } from "../tail-call.ts";
import { NONE } from "../value.ts";
import { type Activation, BREAK, type Evaluate, type Execute, NEXT, RETURN, type Store } from "./activation.ts";
import { callAll } from "./calls.ts";
import { allEvaluator, listEvaluator } from "./lists.ts";
import { genericFor, numericFor } from "./loops.ts";
import type { Plan } from "./plan.ts";

/** The closure that carries out a block. */
export function blockExecutor(plan: Plan, block: readonly Statement[]): Execute {
  const statements = block.map((statement) => executor(plan, statement));
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) return only;
  return (at) => {
    for (let place = 0; place < statements.length; place++) {
      const outcome = (statements[place] as Execute)(at);
      if (outcome !== NEXT) return outcome;
    }
    return NEXT;
  };
}

function executor(plan: Plan, statement: Statement): Execute {
  switch (statement.type) {
    case "local":
      return localExecutor(plan, statement);
    case "assign":
      return assignExecutor(plan, statement);
    case "call": {
      const call = callAll(plan, statement.call);
      return (at) => {
        drop(call(at));
        return NEXT;
      };
    }
    case "do":
      return blockExecutor(plan, statement.block);
    case "while":
      return whileExecutor(plan, statement);
    case "repeat":
      return repeatExecutor(plan, statement);
    case "if":
      return ifExecutor(plan, statement);
    case "numeric for":
      return numericFor(plan, statement);
    case "generic for":
      return genericFor(plan, statement);
    case "local function":
      return localFunctionExecutor(plan, statement);
    case "return":
      return returnExecutor(plan, statement.values);
    case "break":
      return () => BREAK;
    case "count":
      return countExecutor(plan.chunk.counts, statement.place);
  }
}

function countExecutor(counts: Float64Array, place: number): Execute {
  return () => {
    counts[place] = (counts[place] as number) + 1;
    return NEXT;
  };
}

function localExecutor(plan: Plan, statement: Extract<Statement, { type: "local" }>): Execute {
  const { variables, values } = statement;
  const [variable] = variables;
  const [value] = values;
  if (variables.length === 1 && values.length === 1 && variable !== undefined && value !== undefined) {
    const evaluate = plan.maker.value(plan, value);
    const declare = plan.declare(variable);
    return (at) => {
      declare(at, evaluate(at));
      return NEXT;
    };
  }
  const evaluate = listEvaluator(plan, values);
  const declares = variables.map((each) => plan.declare(each));
  return (at) => {
    const list = evaluate(at);
    for (let place = 0; place < declares.length; place++) (declares[place] as Store)(at, list[place]);
    return NEXT;
  };
}

function localFunctionExecutor(plan: Plan, statement: Extract<Statement, { type: "local function" }>): Execute {
  const declare = plan.declare(statement.variable);
  const write = plan.write(statement.variable);
  const make = plan.maker.closure(plan, statement.body);
  return (at) => {
    declare(at, undefined);
    write(at, make(at));
    return NEXT;
  };
}

function assignExecutor(plan: Plan, statement: Extract<Statement, { type: "assign" }>): Execute {
  const { targets, values, line } = statement;
  const [target] = targets;
  const [value] = values;
  const site = plan.sites.place(line);
  if (targets.length === 1 && values.length === 1 && target !== undefined && value !== undefined) {
    return assignOne(plan, target, value, site);
  }
  const places = targets.map((each) => placeEvaluator(plan, each));
  const evaluate = listEvaluator(plan, values);
  return (at) => {
    const stores = places.map((place) => place(at));
    const list = evaluate(at);
    for (let place = stores.length - 1; place >= 0; place--) {
      at.site = site;
      stores[place]?.(at, list[place]);
    }
    return NEXT;
  };
}

function assignOne(plan: Plan, target: Target, value: Expression, site: number): Execute {
  const evaluate = plan.maker.value(plan, value);
  const place = placeEvaluator(plan, target);
  const isLate = readsLate(target, value);
  return (at) => {
    const early = isLate ? undefined : place(at);
    const stored = evaluate(at);
    const store = early ?? place(at);
    at.site = site;
    store(at, stored);
    return NEXT;
  };
}

/** Whether Lua reads the object and the key after the value was evaluated: it does so with its own locals. */
export function readsLate(target: Target, value: Expression): boolean {
  if (target.type !== "index" || isAtom(value)) return false;
  const { object, key } = target;
  return isAtom(object) && isAtom(key) && !(object.type === "local" && object.upvalue && !isSettled(object));
}

/** Evaluates object and key of what is assigned to, and gives what does the assignment. */
function placeEvaluator(plan: Plan, target: Target): (at: Activation) => Store {
  if (target.type === "local") {
    const store = plan.write(target.variable);
    return () => store;
  }
  if (target.type === "global") return () => (at, value) => setIndex(at.rt, at.env, target.name, value);
  const object = plan.maker.value(plan, target.object);
  const key = plan.maker.value(plan, target.key);
  const what = describe(target.object);
  return (at) => {
    const into = object(at);
    const under = key(at);
    return (_at, value) => setIndex(at.rt, into, under, value, what);
  };
}

function returnExecutor(plan: Plan, values: readonly Expression[]): Execute {
  const [only] = values;
  const evaluate = returnEvaluator(plan, values, only);
  return (at) => {
    at.result = evaluate(at);
    return RETURN;
  };
}

function returnEvaluator(plan: Plan, values: readonly Expression[], only: Expression | undefined) {
  if (only === undefined) return () => NONE;
  if (values.length > 1) return listEvaluator(plan, values);
  if (only.type === "call" || only.type === "method") return callAll(plan, only, true);
  return isMultiple(only) ? allEvaluator(plan, only) : plan.maker.value(plan, only);
}

function ifExecutor(plan: Plan, statement: Extract<Statement, { type: "if" }>): Execute {
  const tests = statement.branches.map(({ condition }) => plan.maker.value(plan, condition));
  const blocks = statement.branches.map(({ block }) => blockExecutor(plan, block));
  const otherwise = blockExecutor(plan, statement.otherwise ?? []);
  return (at) => {
    for (let place = 0; place < tests.length; place++) {
      if (isTrue((tests[place] as Evaluate)(at))) return (blocks[place] as Execute)(at);
    }
    return otherwise(at);
  };
}

function whileExecutor(plan: Plan, statement: Extract<Statement, { type: "while" }>): Execute {
  const test = plan.maker.value(plan, statement.condition);
  const block = blockExecutor(plan, statement.block);
  return (at) => {
    while (isTrue(test(at))) {
      at.rt.tick(1);
      const outcome = block(at);
      if (outcome === BREAK) break;
      if (outcome === RETURN) return RETURN;
    }
    return NEXT;
  };
}

function repeatExecutor(plan: Plan, statement: Extract<Statement, { type: "repeat" }>): Execute {
  const block = blockExecutor(plan, statement.block);
  const test = plan.maker.value(plan, statement.condition);
  return (at) => {
    do {
      at.rt.tick(1);
      const outcome = block(at);
      if (outcome === BREAK) break;
      if (outcome === RETURN) return RETURN;
    } while (!isTrue(test(at)));
    return NEXT;
  };
}
