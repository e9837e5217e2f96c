import { compiledOperands, describe, type Expression, isAtom, isSettled, kindOf, type ValueKind } from "../syntax/index.ts";
import type { Frame } from "./frame.ts";
import { literal } from "./names.ts";

type Binary = Extract<Expression, { type: "binary" }>;

const EVENTS: Readonly<Record<string, string>> = {
  "+": "__add",
  "-": "__sub",
  "*": "__mul",
  "/": "__div",
  "%": "__mod",
  "^": "__pow",
};

/** Kinds whose values are equal only to themselves, so `===` says it all. */
const PLAIN_KINDS: ReadonlySet<ValueKind> = new Set(["nil", "boolean", "number", "string", "function"]);

/** Whether it is `==`, `<` and the like: true or false. */
export function isComparison(expression: Binary): boolean {
  return !Object.hasOwn(EVENTS, expression.operator);
}

interface Operands {
  /** Code to run first, each with a comma after it. */
  readonly before: string;
  readonly left: string;
  readonly right: string;
  readonly held: number;
}

/** Both operands under names that may be used twice. */
function operandsCode(frame: Frame, expression: Binary): Operands {
  const { left, right } = expression;
  let before = "";
  let held = 0;
  // Lua reads its own locals when it computes, after the other operand was evaluated; upvalues and all else before.
  const isOwn = left.type === "local" && !left.upvalue;
  const isPlain = { left: isAtom(left) && (isAtom(right) || isOwn || isSettled(left)), right: isAtom(right) };
  const [leftCode, rightCode] = compiledOperands(expression, (operand) => {
    const code = frame.writer.value(frame, operand);
    if (operand === left ? isPlain.left : isPlain.right) return code;
    const name = frame.take();
    held++;
    before += `${name}=${code},`;
    return name;
  });
  return { before, left: leftCode, right: rightCode, held };
}

/** JavaScript for `+ - * / % ^`: on numbers in place, on anything else by a call. */
export function operatorCode(frame: Frame, expression: Binary): string {
  const { before, left, right, held } = operandsCode(frame, expression);
  frame.release(held);
  const fast = numbersCode(expression.operator, left, right);
  const checks = numberChecks(expression, left, right);
  if (checks === "") return `(${before}${fast})`;
  const event = EVENTS[expression.operator];
  const names = [describe(expression.left), describe(expression.right)].map(literal).join(",");
  const slow = `(${frame.atRarely(expression.line)}arithmetic(rt,"${event}",${left},${right},${names}))`;
  return `(${before}${checks}?${fast}:${slow})`;
}

function numbersCode(operator: string, left: string, right: string): string {
  if (operator === "^") return `power(${left},${right})`;
  if (operator === "%") return `(${left}-Math.floor(${left}/${right})*${right})`;
  return `${left}${operator} ${right}`;
}

function numberChecks(expression: Binary, left: string, right: string): string {
  const checks: string[] = [];
  if (kindOf(expression.left) !== "number") checks.push(`typeof ${left}==="number"`);
  if (kindOf(expression.right) !== "number" && right !== left) checks.push(`typeof ${right}==="number"`);
  return checks.join("&&");
}

/** JavaScript for a comparison. */
export function compareCode(frame: Frame, expression: Binary): string {
  const { operator } = expression;
  if (operator === "==" || operator === "~=") return equalityCode(frame, expression);
  const { before, left, right, held } = operandsCode(frame, expression);
  frame.release(held);
  const fast = `${left}${operator}${right}`;
  const checks = numberChecks(expression, left, right);
  if (checks === "") return `(${before}${fast})`;
  const ordered = operator.startsWith("<") ? `${left},${right}` : `${right},${left}`;
  const slow = `${operator.length === 1 ? "lessThan" : "lessEqual"}(rt,${ordered})`;
  return `(${before}${checks}?${fast}:(${frame.atRarely(expression.line)}${slow}))`;
}

function equalityCode(frame: Frame, expression: Binary): string {
  const { left, right, before, held } = operandsCode(frame, expression);
  frame.release(held);
  const isEqual = expression.operator === "==";
  if (PLAIN_KINDS.has(kindOf(expression.left)) || PLAIN_KINDS.has(kindOf(expression.right))) {
    return `(${before}${left}${isEqual ? "===" : "!=="}${right})`;
  }
  const slow = `(${frame.atRarely(expression.line)}equalByMetatable(rt,${left},${right}))`;
  return `(${before}${isEqual ? "" : "!"}(${left}===${right}||(${left} instanceof LuaTable&&${slow})))`;
}
