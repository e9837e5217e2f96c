import type { SiteList } from "../site-list.ts";
import type { CallExpression, Expression, FunctionBody, Statement, Variable } from "../syntax/index.ts";
import type { Sites } from "../tail-call.ts";
import type { LuaFunction } from "../value.ts";
import type { Activation, Box, Evaluate, EvaluateAll, Execute, Outcome, Store, Yielding } from "./activation.ts";

/** What makes the closures for the parts of a function: they contain each other, and reach each other through their plan. */
export interface Maker {
  /** An expression that gives one value. */
  value(plan: Plan, expression: Expression): Evaluate;
  /** A call, giving all its results. */
  call(plan: Plan, call: CallExpression, isTail?: boolean): EvaluateAll;
  /** A function inside another. */
  closure(outer: Plan, body: FunctionBody): (at: Activation) => LuaFunction;
  /** The statements of a block. */
  block(plan: Plan, block: readonly Statement[]): Execute;
  /** The statements of a block in which a call may yield. */
  yieldingBlock(plan: Plan, block: readonly Statement[]): (at: Activation) => Yielding<Outcome>;
}

/** What all plans of a chunk share. */
export interface ChunkPlan {
  readonly maker: Maker;
  readonly sites: SiteList;
  readonly passing: Sites;
  /** Functions get a form that may yield. */
  readonly mayYield: boolean;
  /** How often each statement was reached, where that is counted. */
  readonly counts: Float64Array;
}

/** Where the variables of one function are kept. */
export class Plan {
  readonly body: FunctionBody;
  readonly chunk: ChunkPlan;
  readonly maker: Maker;
  readonly sites: SiteList;
  /** Closures that make the functions inside, each read once though two forms of this one use them. */
  readonly makers: Map<FunctionBody, (at: Activation) => LuaFunction> = new Map();
  readonly #outer: Plan | undefined;
  readonly #places = new Map<Variable, number>();
  readonly #upvalues: Variable[] = [];

  constructor(body: FunctionBody, chunk: ChunkPlan, outer?: Plan) {
    this.body = body;
    this.chunk = chunk;
    this.maker = chunk.maker;
    this.sites = chunk.sites;
    this.#outer = outer;
  }

  /** The plan of a function inside this one. */
  inner(body: FunctionBody): Plan {
    return new Plan(body, this.chunk, this);
  }

  /** Reads a variable. */
  read(variable: Variable): Evaluate {
    const place = this.#placeOf(variable);
    if (variable.owner !== this.body) return (at) => (at.upvalues[place] as Box).value;
    if (variable.captured) return (at) => (at.boxes[place] as Box).value;
    return (at) => at.values[place];
  }

  /** Assigns to a variable. */
  write(variable: Variable): Store {
    const place = this.#placeOf(variable);
    if (variable.owner !== this.body) {
      return (at, value) => {
        (at.upvalues[place] as Box).value = value;
      };
    }
    if (variable.captured) {
      return (at, value) => {
        (at.boxes[place] as Box).value = value;
      };
    }
    return (at, value) => {
      at.values[place] = value;
    };
  }

  /** Declares a variable: a new one each time. */
  declare(variable: Variable): Store {
    const place = this.#placeOf(variable);
    if (variable.captured) {
      return (at, value) => {
        at.boxes[place] = { value };
      };
    }
    return (at, value) => {
      at.values[place] = value;
    };
  }

  /** Collects the boxes that a function with this plan needs, from the function that makes it. To be asked when its body is read. */
  captures(): (at: Activation) => readonly Box[] {
    const outer = this.#outer;
    if (outer === undefined || this.#upvalues.length === 0) return () => [];
    const boxes = this.#upvalues.map((variable) => outer.#box(variable));
    return (at) => boxes.map((box) => box(at));
  }

  #box(variable: Variable): (at: Activation) => Box {
    const place = this.#placeOf(variable);
    return variable.owner === this.body ? (at) => at.boxes[place] as Box : (at) => at.upvalues[place] as Box;
  }

  #placeOf(variable: Variable): number {
    if (variable.owner !== this.body) {
      const known = this.#upvalues.indexOf(variable);
      return known < 0 ? this.#upvalues.push(variable) - 1 : known;
    }
    let place = this.#places.get(variable);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(variable, place);
    }
    return place;
  }
}
