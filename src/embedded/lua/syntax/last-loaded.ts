import { constantTruth } from "./constant.ts";
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
