import type { LuaError } from "../error.ts";
import type { Lexer } from "./lexer.ts";
import type { FunctionBody, ValueKind, Variable } from "./tree.ts";

/** Lua's limits for one function. */
const LOCALS_MAX = 200;
const UPVALUES_MAX = 60;

/** What is known of one function while it is being read. */
export class FunctionScope {
  readonly body: FunctionBody;
  readonly parent: FunctionScope | undefined;
  /** Loops around the current statement. */
  loops = 0;
  /** Variables in sight, innermost last. */
  readonly #active: Variable[] = [];
  #declared = 0;
  readonly #upvalues = new Set<Variable>();
  readonly #lexer: Lexer;
  readonly #ids: { next: number };

  constructor(parent: FunctionScope | undefined, lexer: Lexer, line: number) {
    this.parent = parent;
    this.#lexer = lexer;
    this.#ids = parent === undefined ? { next: 0 } : parent.#ids;
    this.body = {
      parameters: [],
      isVararg: false,
      usesVararg: false,
      argTable: undefined,
      block: [],
      zero: undefined,
      line,
      parent: parent?.body,
    };
  }

  /** A new variable, which is in sight only after {@link show}. */
  declare(name: string, kind: ValueKind = "any"): Variable {
    if (++this.#declared > LOCALS_MAX) throw this.#tooMany(LOCALS_MAX, "local variables");
    return { name, id: this.#ids.next++, owner: this.body, assigned: false, captured: false, kind };
  }

  /** Brings declared variables into sight. */
  show(variables: readonly Variable[]): void {
    this.#active.push(...variables);
  }

  /** Marks the start of a block, for {@link close}. */
  open(): number {
    return this.#active.length;
  }

  /** Ends a block: what came into sight since is gone. */
  close(mark: number): void {
    this.#active.length = mark;
    this.#declared = mark;
  }

  /** The variable of this name that is in sight, if any; it is captured if an outer function owns it. */
  find(name: string): Variable | undefined {
    for (let at = this.#active.length - 1; at >= 0; at--) {
      const variable = this.#active[at];
      if (variable?.name === name) return variable;
    }
    const outer = this.parent?.find(name);
    if (outer === undefined) return undefined;
    outer.captured = true;
    this.#upvalues.add(outer);
    if (this.#upvalues.size > UPVALUES_MAX) throw this.#tooMany(UPVALUES_MAX, "upvalues");
    return outer;
  }

  /** `function at line 3 has more than 60 upvalues` */
  #tooMany(limit: number, what: string): LuaError {
    const owner = this.parent === undefined ? "main function" : `function at line ${this.body.line}`;
    return this.#lexer.failure(`${owner} has more than ${limit} ${what}`);
  }
}
