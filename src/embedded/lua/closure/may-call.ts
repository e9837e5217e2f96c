import type { Expression, Statement } from "../syntax/index.ts";

/** Whether evaluating it calls a function by name, which might yield. Metamethods cannot. */
export function mayCall(expression: Expression): boolean {
  switch (expression.type) {
    case "call":
    case "method":
      return true;
    case "index":
      return mayCall(expression.object) || mayCall(expression.key);
    case "binary":
    case "logical":
      return mayCall(expression.left) || mayCall(expression.right);
    case "unary":
    case "not":
      return mayCall(expression.operand);
    case "paren":
      return mayCall(expression.expression);
    case "concat":
      return expression.operands.some(mayCall);
    case "table":
      return expression.items.some(({ key, value }) => mayCall(value) || (key !== undefined && mayCall(key)));
    default:
      return false;
  }
}

/** The same of a statement with all that is in it. */
export function statementMayCall(statement: Statement): boolean {
  switch (statement.type) {
    case "call":
      return true;
    case "local":
    case "return":
      return statement.values.some(mayCall);
    case "assign":
      return statement.values.some(mayCall) || statement.targets.some(mayCall);
    case "do":
      return statement.block.some(statementMayCall);
    case "while":
    case "repeat":
      return mayCall(statement.condition) || statement.block.some(statementMayCall);
    case "if":
      return (
        (statement.otherwise ?? []).some(statementMayCall) ||
        statement.branches.some(({ condition, block }) => mayCall(condition) || block.some(statementMayCall))
      );
    case "numeric for":
      return (
        [statement.start, statement.limit, statement.step].some((each) => each !== undefined && mayCall(each)) ||
        statement.block.some(statementMayCall)
      );
    case "generic for":
      return statement.values.some(mayCall) || statement.block.some(statementMayCall);
    default:
      return false;
  }
}
