import type { Expression } from "./tree.ts";

type Way = () => Expression | undefined;

/** A test jumped to the end with its own value, which has no name. */
const nameless: Way = () => undefined;

/**
 * The part of an expression whose name an error calls it by: of `a and b or c` that is `c`, of `a and b` none.
 *
 * Lua looks in its code for the instruction that last wrote the register, and on its way takes every jump forward. So it passes
 * from the first test to where that jumps to, and on.
 */
export function lastLoaded(expression: Expression): Expression | undefined {
  if (expression.type === "paren") return lastLoaded(expression.expression);
  if (expression.type !== "logical") return expression;
  const { operator, left, right } = expression;
  return afterTest(left, operator === "or", nameless, () => lastLoaded(right));
}

/** An expression without its brackets and without constants that decide nothing: what is left of `("x")` and of `nil or "x"`. */
export function withoutConstants(expression: Expression): Expression {
  if (expression.type === "paren") return withoutConstants(expression.expression);
  if (expression.type !== "logical") return expression;
  const known = constantTruth(withoutConstants(expression.left));
  const decides = known === undefined || known === (expression.operator === "or");
  return decides ? expression : withoutConstants(expression.right);
}

/** Where the search gets to from a test that jumps to `exit` if the value is `jumpsIf`, and otherwise goes on to `following`. */
function afterTest(test: Expression, jumpsIf: boolean, exit: Way, following: Way): Expression | undefined {
  switch (test.type) {
    case "paren":
      return afterTest(test.expression, jumpsIf, exit, following);
    case "not":
      return afterTest(test.operand, !jumpsIf, exit, following);
    case "logical": {
      const leftJumpsIf = test.operator === "or";
      // If the left side decides, the whole is what the left side is.
      const decided = leftJumpsIf === jumpsIf ? exit : following;
      return afterTest(test.left, leftJumpsIf, decided, () => afterTest(test.right, jumpsIf, exit, following));
    }
    default: {
      const known = constantTruth(test);
      return known !== undefined && known !== jumpsIf ? following() : exit();
    }
  }
}

/** Whether a constant is true; nothing for what is known only when it runs. */
function constantTruth(expression: Expression): boolean | undefined {
  switch (expression.type) {
    case "nil":
      return false;
    case "boolean":
      return expression.value;
    case "string":
      return true;
    case "not": {
      const known = constantTruth(withoutConstants(expression.operand));
      return known === undefined ? undefined : !known;
    }
    default:
      return isNumber(expression) ? true : undefined;
  }
}

/** A number, or what Lua reckons while it compiles: it leaves divisions by zero until later. */
function isNumber(expression: Expression): boolean {
  switch (expression.type) {
    case "number":
      return true;
    case "paren":
      return isNumber(expression.expression);
    case "unary":
      return expression.operator === "-" && isNumber(expression.operand);
    case "binary": {
      if (!"+-*/%^".includes(expression.operator) || !isNumber(expression.left) || !isNumber(expression.right)) return false;
      const divides = expression.operator === "/" || expression.operator === "%";
      return !divides || !(expression.right.type === "number" && expression.right.value === 0);
    }
    default:
      return false;
  }
}
