import { power } from "../../number/index.ts";
import type { Expression } from "./tree.ts";

/** An expression without the brackets around it. */
export function withoutBrackets(expression: Expression): Expression {
  return expression.type === "paren" ? withoutBrackets(expression.expression) : expression;
}

/** Whether a constant is true; nothing for what is known only when it runs. */
export function constantTruth(expression: Expression): boolean | undefined {
  const inner = withoutBrackets(expression);
  switch (inner.type) {
    case "nil":
      return false;
    case "boolean":
      return inner.value;
    case "string":
    case "number":
      return true;
    case "not": {
      const known = constantTruth(inner.operand);
      return known === undefined ? undefined : !known;
    }
    default:
      return undefined;
  }
}

/** `left and right`, `left or right`. A constant that decides nothing is left out, as Lua does: `true and x` is `x` alone. */
export function logical(operator: "and" | "or", left: Expression, right: Expression): Expression {
  const known = constantTruth(left);
  if (known === undefined || known === (operator === "or")) return { type: "logical", operator, left, right };
  return { type: "paren", expression: right };
}

/**
 * What Lua reckons while it compiles: numbers only, no division by zero and nothing that gives NaN. It shows in errors, and in the
 * sign of zero: a function keeps one constant for 0 and -0.
 */
export function reckoned(operator: string, left: Expression, right: Expression): Expression | undefined {
  const one = withoutBrackets(left);
  const other = withoutBrackets(right);
  if (one.type !== "number" || other.type !== "number") return undefined;
  if ((operator === "/" || operator === "%") && other.value === 0) return undefined;
  const value = reckon(operator, one.value, other.value);
  return value === undefined || Number.isNaN(value) ? undefined : { type: "number", value };
}

function reckon(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left - Math.floor(left / right) * right;
    case "^":
      return power(left, right);
    default:
      return undefined;
  }
}
