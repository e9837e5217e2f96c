import { setIndex } from "../access.ts";
import { isTrue } from "../arithmetic.ts";
import { describe, type Expression, isMultiple, type Statement, type Target } from "../syntax/index.ts";
import { NONE } from "../value.ts";
import { type Activation, BREAK, NEXT, type Outcome, RETURN, type Store, type Yielding } from "./activation.ts";
import { Counter, Walk } from "./loops.ts";
import { statementMayCall } from "./may-call.ts";
import type { Plan } from "./plan.ts";
import { readsLate } from "./statements.ts";
import { yieldingCall, yieldingEvaluator, yieldingList } from "./yielding-expressions.ts";

type YieldingExecute = (at: Activation) => Yielding<Outcome>;

/** The generator that carries out a block in which a call may yield. */
export function yieldingBlock(plan: Plan, block: readonly Statement[]): YieldingExecute {
  const statements = block.map((statement) =>
    statementMayCall(statement) ? yieldingExecutor(plan, statement) : plan.maker.block(plan, [statement]),
  );
  return function* (at) {
    for (const execute of statements) {
      const outcome = execute(at);
      const settled = typeof outcome === "number" ? outcome : yield* outcome;
      if (settled !== NEXT) return settled;
    }
    return NEXT;
  };
}

function yieldingExecutor(plan: Plan, statement: Statement): YieldingExecute {
  switch (statement.type) {
    case "local":
      return yieldingLocal(plan, statement);
    case "assign":
      return yieldingAssign(plan, statement);
    case "call": {
      const call = yieldingCall(plan, statement.call);
      return function* (at) {
        yield* call(at);
        return NEXT;
      };
    }
    case "do":
      return yieldingBlock(plan, statement.block);
    case "while":
    case "repeat":
      return yieldingLoop(plan, statement);
    case "if":
      return yieldingIf(plan, statement);
    case "numeric for":
      return yieldingNumericFor(plan, statement);
    case "generic for":
      return yieldingGenericFor(plan, statement);
    case "return":
      return yieldingReturn(plan, statement.values);
    default:
      return yieldingBlock(plan, [statement]);
  }
}

function yieldingLocal(plan: Plan, statement: Extract<Statement, { type: "local" }>): YieldingExecute {
  const list = yieldingList(plan, statement.values);
  const declares = statement.variables.map((variable) => plan.declare(variable));
  return function* (at) {
    const values = yield* list(at);
    for (let place = 0; place < declares.length; place++) (declares[place] as Store)(at, values[place]);
    return NEXT;
  };
}

function yieldingAssign(plan: Plan, statement: Extract<Statement, { type: "assign" }>): YieldingExecute {
  const { targets, values, line } = statement;
  const places = targets.map((target) => yieldingPlace(plan, target));
  const list = yieldingList(plan, values);
  const site = plan.sites.place(line);
  const [target] = targets;
  const [value] = values;
  const isLate =
    targets.length === 1 && values.length === 1 && target !== undefined && value !== undefined && readsLate(target, value);
  return function* (at) {
    const early: Store[] = [];
    if (!isLate) for (const place of places) early.push(yield* place(at));
    const results = yield* list(at);
    if (isLate) for (const place of places) early.push(yield* place(at));
    for (let place = early.length - 1; place >= 0; place--) {
      at.site = site;
      (early[place] as Store)(at, results[place]);
    }
    return NEXT;
  };
}

function yieldingPlace(plan: Plan, target: Target): (at: Activation) => Yielding<Store> {
  if (target.type !== "index") {
    const store: Store =
      target.type === "local" ? plan.write(target.variable) : (at, value) => setIndex(at.rt, at.env, target.name, value);
    // biome-ignore lint/correctness/useYield: it has the shape of those that do.
    return function* () {
      return store;
    };
  }
  const object = yieldingEvaluator(plan, target.object);
  const key = yieldingEvaluator(plan, target.key);
  const what = describe(target.object);
  return function* (at) {
    const into = yield* object(at);
    const under = yield* key(at);
    return (_at, value) => setIndex(at.rt, into, under, value, what);
  };
}

function yieldingReturn(plan: Plan, values: readonly Expression[]): YieldingExecute {
  const [only] = values;
  if (values.length === 1 && (only?.type === "call" || only?.type === "method")) {
    const call = yieldingCall(plan, only, true);
    return function* (at) {
      at.result = yield* call(at);
      return RETURN;
    };
  }
  const list = yieldingList(plan, values);
  const isOne = values.length === 1 && !isMultiple(only);
  return function* (at) {
    const results = yield* list(at);
    at.result = isOne ? results[0] : results.length === 0 ? NONE : results;
    return RETURN;
  };
}

function yieldingIf(plan: Plan, statement: Extract<Statement, { type: "if" }>): YieldingExecute {
  const branches = statement.branches.map(({ condition, block }) => ({
    test: yieldingEvaluator(plan, condition),
    block: yieldingBlock(plan, block),
  }));
  const otherwise = yieldingBlock(plan, statement.otherwise ?? []);
  return function* (at) {
    for (const { test, block } of branches) if (isTrue(yield* test(at))) return yield* block(at);
    return yield* otherwise(at);
  };
}

function yieldingLoop(plan: Plan, statement: Extract<Statement, { type: "while" | "repeat" }>): YieldingExecute {
  const isWhile = statement.type === "while";
  const test = yieldingEvaluator(plan, statement.condition);
  const block = yieldingBlock(plan, statement.block);
  return function* (at) {
    for (;;) {
      if (isWhile && !isTrue(yield* test(at))) return NEXT;
      at.rt.tick(1);
      const outcome = yield* block(at);
      if (outcome === BREAK) return NEXT;
      if (outcome === RETURN) return RETURN;
      if (!isWhile && isTrue(yield* test(at))) return NEXT;
    }
  };
}

function yieldingNumericFor(plan: Plan, statement: Extract<Statement, { type: "numeric for" }>): YieldingExecute {
  const one: Expression = { type: "number", value: 1 };
  const [start, limit, step] = [statement.start, statement.limit, statement.step ?? one].map((each) =>
    yieldingEvaluator(plan, each),
  ) as [ReturnType<typeof yieldingEvaluator>, ReturnType<typeof yieldingEvaluator>, ReturnType<typeof yieldingEvaluator>];
  const declare = plan.declare(statement.variable);
  const block = yieldingBlock(plan, statement.block);
  const site = plan.sites.place(statement.line);
  return function* (at) {
    const counter = new Counter(at, site, yield* start(at), yield* limit(at), yield* step(at));
    for (; counter.isGoing(); counter.advance()) {
      at.rt.tick(1);
      declare(at, counter.value);
      const outcome = yield* block(at);
      if (outcome === BREAK) return NEXT;
      if (outcome === RETURN) return RETURN;
    }
    return NEXT;
  };
}

function yieldingGenericFor(plan: Plan, statement: Extract<Statement, { type: "generic for" }>): YieldingExecute {
  const list = yieldingList(plan, statement.values);
  const declares = statement.variables.map((variable) => plan.declare(variable));
  const block = yieldingBlock(plan, statement.block);
  const site = plan.sites.place(statement.line, "(for generator)");
  return function* (at) {
    const walk = new Walk(site, yield* list(at));
    while (walk.advance(at, declares)) {
      at.rt.tick(1);
      const outcome = yield* block(at);
      if (outcome === BREAK) return NEXT;
      if (outcome === RETURN) return RETURN;
    }
    return NEXT;
  };
}
