import { withoutBrackets } from "./constant.ts";
import { lastLoaded } from "./last-loaded.ts";
import type { Expression, FunctionBody, ValueKind } from "./tree.ts";

/** How an error calls the value of an expression: `local 'x'`, `field 'y'`. */
export function describe(expression: Expression): string | undefined {
  switch (expression.type) {
    case "local":
      return `${expression.upvalue ? "upvalue" : "local"} '${expression.variable.name}'`;
    case "global":
      return `global '${expression.name}'`;
    case "index":
      return `field '${fieldName(expression.key)}'`;
    case "paren":
      return describe(expression.expression);
    case "logical": {
      const last = lastLoaded(expression);
      return last === undefined ? undefined : describe(last);
    }
    default:
      return undefined;
  }
}

/** A field's name as an error shows it: C's strings end at a NUL. */
function fieldName(written: Expression): string {
  const key = withoutBrackets(written);
  if (key.type !== "string") return "?";
  const end = key.value.indexOf("\0");
  return end < 0 ? key.value : key.value.slice(0, end);
}

/** The name that a called function goes by at its call site. */
export function calleeName(expression: Expression): string | undefined {
  switch (expression.type) {
    case "local":
      return expression.variable.name;
    case "global":
      return expression.name;
    case "index":
      return fieldName(expression.key);
    case "paren":
      return calleeName(expression.expression);
    case "logical": {
      const last = lastLoaded(expression);
      return last === undefined ? undefined : calleeName(last);
    }
    default:
      return undefined;
  }
}

/** A constant or a variable: nothing happens when it is read, so it may be read twice. */
export function isAtom(expression: Expression): boolean {
  switch (expression.type) {
    case "local":
    case "nil":
    case "boolean":
    case "number":
    case "string":
      return true;
    default:
      return false;
  }
}

/** An atom that has the same value later on, whatever is called meanwhile. */
export function isSettled(expression: Expression): boolean {
  if (expression.type !== "local") return isAtom(expression);
  return !expression.variable.assigned || !(expression.variable.captured || expression.upvalue);
}

/** Whether it may be several values, or none. */
export function isMultiple(expression: Expression | undefined): boolean {
  return expression !== undefined && (expression.type === "call" || expression.type === "method" || expression.type === "vararg");
}

/** What is known of an expression's value. */
export function kindOf(expression: Expression): ValueKind {
  switch (expression.type) {
    case "nil":
    case "boolean":
    case "number":
    case "string":
    case "function":
    case "table":
      return expression.type;
    case "not":
      return "boolean";
    case "local":
      return expression.variable.assigned ? "any" : expression.variable.kind;
    case "paren":
      return kindOf(expression.expression);
    case "concat":
      return expression.operands.every((operand) => kindOf(operand) === "string" || kindOf(operand) === "number")
        ? "string"
        : "any";
    case "unary":
      return expression.operator === "-" ? numberIf(expression.operand) : lengthKind(expression.operand);
    case "binary":
      if ("+-*/%^".includes(expression.operator))
        return kindOf(expression.left) === "number" ? numberIf(expression.right) : "any";
      return "boolean";
    default:
      return "any";
  }
}

function numberIf(operand: Expression): ValueKind {
  return kindOf(operand) === "number" ? "number" : "any";
}

function lengthKind(operand: Expression): ValueKind {
  const kind = kindOf(operand);
  return kind === "table" || kind === "string" ? "number" : "any";
}

/** Both operands compiled, in the order in which Lua makes constants of them: a number before `+ - * / % ^` comes last. */
export function compiledOperands<Code>(
  { operator, left, right }: Extract<Expression, { type: "binary" }>,
  compile: (operand: Expression) => Code,
): [Code, Code] {
  if (!"+-*/%^".includes(operator) || withoutBrackets(left).type !== "number") return [compile(left), compile(right)];
  const last = compile(right);
  return [compile(left), last];
}

/** The value of a number that is written out in a function. To be asked in the order of the source. */
export function constantOf(body: FunctionBody, value: number): number {
  if (value !== 0) return value;
  body.zero ??= value;
  return body.zero;
}
