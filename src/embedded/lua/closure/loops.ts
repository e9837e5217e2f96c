import { callIterator, loopNumber, loopWay } from "../support.ts";
import type { Statement } from "../syntax/index.ts";
import type { LuaTable } from "../table.ts";
import { many } from "../tail-call.ts";
import type { LuaValue } from "../value.ts";
import { type Activation, BREAK, type Execute, NEXT, RETURN, type Store } from "./activation.ts";
import { listEvaluator } from "./lists.ts";
import type { Plan } from "./plan.ts";

type NumericFor = Extract<Statement, { type: "numeric for" }>;
type GenericFor = Extract<Statement, { type: "generic for" }>;

/** The closure that carries out `for i = start, limit, step`. */
export function numericFor(plan: Plan, statement: NumericFor): Execute {
  const start = plan.maker.value(plan, statement.start);
  const limit = plan.maker.value(plan, statement.limit);
  const step = statement.step === undefined ? () => 1 : plan.maker.value(plan, statement.step);
  const declare = plan.declare(statement.variable);
  const block = plan.maker.block(plan, statement.block);
  const site = plan.sites.place(statement.line);
  return (at) => {
    const counter = new Counter(at, site, start(at), limit(at), step(at));
    for (; counter.isGoing(); counter.advance()) {
      at.rt.tick(1);
      declare(at, counter.value);
      const outcome = block(at);
      if (outcome === BREAK) break;
      if (outcome === RETURN) return RETURN;
    }
    return NEXT;
  };
}

/** The counter of a numeric loop. */
export class Counter {
  value: number;
  readonly #limit: number;
  readonly #step: number;

  constructor(at: Activation, site: number, start: LuaValue, limit: LuaValue, step: LuaValue) {
    at.site = site;
    const from = loopNumber(start, "initial value");
    this.#limit = loopNumber(limit, "limit");
    this.#step = loopNumber(step, "step");
    // Lua takes the step off before the first turn and adds it at each, which can change the last digits of the start.
    this.value = from - this.#step + this.#step;
  }

  isGoing(): boolean {
    return this.#step > 0 ? this.value <= this.#limit : this.#limit <= this.value;
  }

  advance(): void {
    this.value += this.#step;
  }
}

/** The closure that carries out `for k, v in …`. */
export function genericFor(plan: Plan, statement: GenericFor): Execute {
  const values = listEvaluator(plan, statement.values);
  const declares = statement.variables.map((variable) => plan.declare(variable));
  const block = plan.maker.block(plan, statement.block);
  const site = plan.sites.place(statement.line, "(for generator)");
  return (at) => {
    const walk = new Walk(site, values(at));
    while (walk.advance(at, declares)) {
      at.rt.tick(1);
      const outcome = block(at);
      if (outcome === BREAK) break;
      if (outcome === RETURN) return RETURN;
    }
    return NEXT;
  };
}

/** The course of a generic loop: over a table itself where its iterator is that of `pairs` or `ipairs`. */
export class Walk {
  readonly #site: number;
  readonly #call: LuaValue;
  readonly #state: LuaValue;
  #control: LuaValue;
  readonly #way: number;
  #place = 0;

  constructor(site: number, [call, state, control]: readonly LuaValue[]) {
    this.#site = site;
    this.#call = call;
    this.#state = state;
    this.#control = control;
    this.#way = loopWay(call, state, control);
    if (this.#way === 2) this.#place = control as number;
  }

  /** Declares the variables of the next turn, if there is one. */
  advance(at: Activation, declares: readonly Store[]): boolean {
    const values = this.#next(at);
    if (values[0] === undefined) return false;
    this.#control = values[0];
    for (let place = 0; place < declares.length; place++) (declares[place] as Store)(at, values[place]);
    return true;
  }

  #next(at: Activation): readonly LuaValue[] {
    const table = this.#state as LuaTable;
    if (this.#way === 1) {
      const place = table.placeFrom(this.#place);
      this.#place = place + 1;
      return place < 0 ? [] : [table.keyAt(place), table.valueAt(place)];
    }
    if (this.#way === 2) {
      const value = table.getInt(++this.#place);
      return value === undefined ? [] : [this.#place, value];
    }
    at.site = this.#site;
    return many(callIterator(at.rt, this.#call, this.#state, this.#control));
  }
}
