import type { BinaryExpression, Expression, Identifier, LogicalExpression } from "luaparse";
import type { Type } from "../index.ts";
import { type Analysis, inputIndex, onlyValue } from "./analysis.ts";
import type { ArgLayout } from "./layout.ts";
import { asCall, pathOf } from "./lua-syntax.ts";
import type { Value, Variable } from "./variable.ts";

/**
 * What an expression can be. Numbers come in four kinds: `small` whole ones (literals, lengths, counters), `whole` ones of
 * any size, `fraction`s, and a `number` of which nothing more is known.
 */
export type Kind = "nil" | "boolean" | "string" | "small" | "whole" | "fraction" | "number" | "table" | "function" | "unknown";

/** Works out what an expression can be, in any run of the script. */
export type KindsOf = (node: Expression) => ReadonlySet<Kind>;

const big = /^(?:INCR|DECR|INCRBY|DECRBY|HINCRBY|P?TTL|P?EXPIRETIME|LASTSAVE)$/;
const fractional = /^math\.(?:sqrt|exp|log|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|pow|deg|rad|ldexp)$/;
const textual =
  /^(?:tostring|type|string\.(?:format|sub|rep|lower|upper|reverse|char)|table\.concat|cjson\.encode|cmsgpack\.pack|struct\.pack|redis\.sha1hex|bit\.tohex)$/;

/** Prepares {@link KindsOf} for a piece of Lua. The layout says what the words of `ARGV` are, where there is a header. */
export function kindsIn(analysis: Analysis, layout: ArgLayout | undefined): KindsOf {
  const inference = new Inference(analysis, layout);
  return (node) => inference.kinds(node);
}

class Inference {
  readonly #analysis: Analysis;
  readonly #layout: ArgLayout | undefined;
  /** Values, parameters and functions whose kinds are being worked out: meeting one again adds nothing. */
  readonly #open = new Set<unknown>();
  readonly #known = new Map<Expression, ReadonlySet<Kind>>();

  constructor(analysis: Analysis, layout: ArgLayout | undefined) {
    this.#analysis = analysis;
    this.#layout = layout;
  }

  kinds(node: Expression): ReadonlySet<Kind> {
    switch (node.type) {
      case "NilLiteral":
        return new Set(["nil"]);
      case "BooleanLiteral":
        return new Set(["boolean"]);
      case "StringLiteral":
        return new Set(["string"]);
      case "NumericLiteral":
        return new Set([!Number.isInteger(node.value) ? "fraction" : Math.abs(node.value) < 1e14 ? "small" : "whole"]);
      case "TableConstructorExpression":
        return new Set(["table"]);
      case "FunctionDeclaration":
        return new Set(["function"]);
      case "UnaryExpression":
        return node.operator === "-" ? this.#numeric(node.argument) : new Set([node.operator === "#" ? "small" : "boolean"]);
      case "BinaryExpression":
        return this.#binary(node);
      case "LogicalExpression":
        return this.#logical(node);
      case "IndexExpression":
        return new Set([this.#isInput(node) ? "string" : "unknown"]);
      case "Identifier":
        return this.#name(node);
      default:
        return this.#call(node);
    }
  }

  /** What an expression is once Lua takes it for a number, as `tonumber` and arithmetic do. */
  #numeric(node: Expression): ReadonlySet<Kind> {
    const type = this.#wordType(node);
    if (type === "number") return new Set(["fraction"]);
    if (type === "boolean") return new Set(["small"]);
    if (type === "integer" || type === "duration" || type === "instant" || type === "bigint") return new Set(["whole"]);
    if (node.type === "LogicalExpression" && node.operator === "or")
      return union(this.#numeric(node.left), this.#numeric(node.right));
    const kinds = [...this.kinds(node)].filter((kind) => kind !== "nil" && kind !== "boolean");
    return new Set(kinds.map((kind) => (isNumber(kind) ? kind : "number")));
  }

  /** The type of the word of `ARGV` that an expression is, if it is one. */
  #wordType(node: Expression, depth = 0): Type | undefined {
    const n = inputIndex(this.#analysis, node, "ARGV");
    if (n !== undefined) {
      const type = this.#layout?.words[n - 1]?.type;
      return typeof type === "object" && "nullable" in type ? type.nullable : type;
    }
    const value = onlyValue(this.#analysis, node);
    return value !== undefined && depth < 8 ? this.#wordType(value, depth + 1) : undefined;
  }

  #isInput(node: Expression): boolean {
    return inputIndex(this.#analysis, node, "ARGV") !== undefined || inputIndex(this.#analysis, node, "KEYS") !== undefined;
  }

  #binary({ operator, left, right }: BinaryExpression): ReadonlySet<Kind> {
    if (operator === "..") return new Set(["string"]);
    if (/^[=~<>]/.test(operator)) return new Set(["boolean"]);
    if (operator === "/") return new Set(["fraction"]);
    const all = union(this.#numeric(left), this.#numeric(right));
    if (all.has("fraction")) return new Set(["fraction"]);
    if (all.has("number") || all.has("unknown")) return new Set(["number"]);
    // A power of whole numbers is whole unless the exponent is negative, which nobody writes on purpose.
    return new Set([all.has("whole") || operator === "^" ? "whole" : "small"]);
  }

  #logical({ operator, left, right }: LogicalExpression): ReadonlySet<Kind> {
    const kept = [...this.kinds(left)].filter((kind) =>
      operator === "and" ? /^(?:nil|boolean|unknown)$/.test(kind) : kind !== "nil",
    );
    return union(new Set(kept), this.kinds(right));
  }

  #call(node: Expression): ReadonlySet<Kind> {
    const call = asCall(node);
    if (call === undefined) return new Set(["unknown"]);
    const command = this.#analysis.commandCallOf(node);
    if (command !== undefined) {
      return new Set([command.names.length > 0 && command.names.every((name) => big.test(name)) ? "whole" : "unknown"]);
    }
    const callee = this.#analysis.calleeOf(call);
    if (callee !== undefined) {
      return this.#once(callee, () =>
        union(
          ...this.#analysis
            .returnsOf(callee)
            .map(({ arguments: [first] }) => (first === undefined ? new Set<Kind>() : this.kinds(first))),
        ),
      );
    }
    const path = pathOf(call.base) ?? "";
    const [first, ...others] = call.args;
    if (textual.test(path)) return new Set(["string"]);
    if (fractional.test(path)) return new Set(["fraction"]);
    if (path === "string.len" || path === "select") return new Set(["small"]);
    if (first === undefined) return new Set(["unknown"]);
    if (path === "tonumber") return this.#numeric(first);
    if (path === "math.floor" || path === "math.ceil") {
      const kinds = this.#numeric(first);
      return new Set([kinds.size === 1 && kinds.has("small") ? "small" : "whole"]);
    }
    if (/^math\.(?:min|max|abs|fmod)$/.test(path))
      return union(this.#numeric(first), ...others.map((each) => this.#numeric(each)));
    return new Set(["unknown"]);
  }

  #name(node: Identifier): ReadonlySet<Kind> {
    const variable = this.#analysis.scopes.variableOf(node);
    if (variable === undefined) return new Set(["unknown"]);
    return union(...this.#analysis.scopes.valuesOf(node).map((value) => this.#value(variable, value)));
  }

  #value(variable: Variable, value: Value): ReadonlySet<Kind> {
    if (value === "given") return this.#given(variable);
    if (typeof value === "string") return new Set([value]);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const result = this.#once(value, () => this.kinds(value));
    // Inside a circle the answer is not whole yet, so it is kept only at its outside.
    if (this.#open.size === 0) this.#known.set(value, result);
    return result;
  }

  #given(variable: Variable): ReadonlySet<Kind> {
    if (variable.role === "counter") return new Set(["small"]);
    const calls = variable.role === "parameter" && variable.owner !== undefined ? this.#analysis.callsOf(variable.owner) : [];
    if (calls.length === 0) return new Set(["unknown"]);
    return this.#once(variable, () =>
      union(
        ...calls.map(({ args }) => {
          const value = args[variable.position];
          return value === undefined ? new Set<Kind>(["nil"]) : this.kinds(value);
        }),
      ),
    );
  }

  #once(subject: unknown, work: () => ReadonlySet<Kind>): ReadonlySet<Kind> {
    if (this.#open.has(subject)) return new Set();
    this.#open.add(subject);
    const result = work();
    this.#open.delete(subject);
    return result;
  }
}

/** Whether a kind is one of the kinds of numbers. */
export function isNumber(kind: Kind): boolean {
  return kind === "small" || kind === "whole" || kind === "fraction" || kind === "number";
}

function union(...sets: readonly ReadonlySet<Kind>[]): ReadonlySet<Kind> {
  return new Set(sets.flatMap((set) => [...set]));
}
