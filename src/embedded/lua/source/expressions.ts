import { formatNumber14 } from "../../number/index.ts";
import { constantOf, describe, type Expression, type IndexExpression, isAtom, isSettled, kindOf } from "../syntax/index.ts";
import type { Frame } from "./frame.ts";
import { literal, nameOf, numberLiteral } from "./names.ts";
import { compareCode, isComparison, operatorCode } from "./operators.ts";
import { tableCode } from "./tables.ts";

/** JavaScript for an expression that gives one value. It may stand anywhere an operand may. */
export function valueCode(frame: Frame, expression: Expression): string {
  switch (expression.type) {
    case "nil":
      return "undefined";
    case "boolean":
      return String(expression.value);
    case "number":
      return numberLiteral(constantOf(frame.body, expression.value));
    case "string":
      return literal(expression.value);
    case "vararg":
      return "va[0]";
    case "local":
      return nameOf(expression.variable);
    case "global":
      return `(${frame.at(expression.line)}getGlobal(rt,env,${literal(expression.name)},${frame.sites.globalPlace(expression.name)}))`;
    case "function":
      return frame.writer.closure(frame, expression.body);
    case "paren":
      return valueCode(frame, expression.expression);
    case "call":
    case "method":
      return firstCode(frame, frame.writer.call(frame, expression));
    case "index":
      return indexCode(frame, expression);
    case "not":
      return `(!${conditionCode(frame, expression.operand)})`;
    case "logical":
      return logicalCode(frame, expression);
    case "binary":
      return isComparison(expression) ? compareCode(frame, expression) : operatorCode(frame, expression);
    case "unary":
      return unaryCode(frame, expression);
    case "concat":
      return concatCode(frame, expression);
    case "table":
      return tableCode(frame, expression);
  }
}

function firstCode(frame: Frame, call: string): string {
  const result = frame.take();
  frame.release();
  return `(isArray(${result}=${call})?first(${result}):${result})`;
}

function indexCode(frame: Frame, expression: Extract<Expression, { type: "index" }>): string {
  const { key, line } = expression;
  const { before, object, key: keyCode, held } = placeCode(frame, expression);
  frame.release(held);
  const mark = frame.at(line);
  const read = key.type === "string" ? "indexText" : "index";
  return `(${before}${mark}${read}(rt,${object},${keyCode},${literal(describe(expression.object))}))`;
}

/** An object and a key, ready to be read or written: code to run before, and names for both that stay what they are. */
export function placeCode(
  frame: Frame,
  place: IndexExpression,
  frozen = false,
): { readonly before: string; readonly object: string; readonly key: string; readonly held: number } {
  let before = "";
  let held = 0;
  let object = valueCode(frame, place.object);
  if (!isSettled(place.object) && (frozen || !isAtom(place.object) || !isAtom(place.key))) {
    const name = frame.take();
    held++;
    before += `${name}=${object},`;
    object = name;
  }
  let key = valueCode(frame, place.key);
  if (!isAtom(place.key) || (frozen && !isSettled(place.key))) {
    const name = frame.take();
    held++;
    before += `${name}=${key},`;
    key = name;
  }
  return { before, object, key, held };
}

/** JavaScript for whether an expression holds: true or false. */
export function conditionCode(frame: Frame, expression: Expression): string {
  switch (expression.type) {
    case "nil":
      return "false";
    case "boolean":
      return String(expression.value);
    case "number":
    case "string":
      return "true";
    case "not":
      return `(!${conditionCode(frame, expression.operand)})`;
    case "paren":
      return conditionCode(frame, expression.expression);
    case "logical": {
      const left = conditionCode(frame, expression.left);
      const right = conditionCode(frame, expression.right);
      frame.forget();
      return `(${left}${expression.operator === "and" ? "&&" : "||"}${right})`;
    }
    default: {
      if (kindOf(expression) === "boolean") return valueCode(frame, expression);
      const code = valueCode(frame, expression);
      if (isAtom(expression)) return `(${code}!==undefined&&${code}!==false)`;
      const held = frame.take();
      frame.release();
      return `((${held}=${code})!==undefined&&${held}!==false)`;
    }
  }
}

function logicalCode(frame: Frame, expression: Extract<Expression, { type: "logical" }>): string {
  const isAnd = expression.operator === "and";
  const left = valueCode(frame, expression.left);
  const right = valueCode(frame, expression.right);
  frame.forget();
  if (kindOf(expression.left) === "boolean") return `(${left}${isAnd ? "&&" : "||"}${right})`;
  const held = isAtom(expression.left) ? left : frame.take();
  if (held !== left) frame.release();
  const first = held === left ? left : `(${held}=${left})`;
  return isAnd
    ? `(${first}===undefined||${held}===false?${held}:${right})`
    : `(${first}!==undefined&&${held}!==false?${held}:${right})`;
}

function unaryCode(frame: Frame, expression: Extract<Expression, { type: "unary" }>): string {
  const { operand, line } = expression;
  const kind = kindOf(operand);
  const code = valueCode(frame, operand);
  const what = literal(describe(operand));
  if (expression.operator === "#") {
    if (kind === "table") return `${code}.length()`;
    const held = frame.take();
    frame.release();
    return `(${held}=${code},${frame.at(line)}length(rt,${held},${what}))`;
  }
  if (kind === "number") return `(-${code})`;
  const held = isAtom(operand) ? code : frame.take();
  if (held !== code) frame.release();
  const first = held === code ? code : `(${held}=${code})`;
  return `(typeof ${first}==="number"?-${held}:(${frame.atRarely(line)}arithmetic(rt,"__unm",${held},${held},${what},${what})))`;
}

function concatCode(frame: Frame, expression: Extract<Expression, { type: "concat" }>): string {
  const { operands, line } = expression;
  const before: string[] = [];
  const values: string[] = [];
  const texts: string[] = [];
  const checks: string[] = [];
  let held = 0;
  for (const operand of operands) {
    const kind = kindOf(operand);
    let code = valueCode(frame, operand);
    if (!isSettled(operand)) {
      const name = frame.take();
      held++;
      before.push(`${name}=${code}`);
      code = name;
    }
    // A metamethod gets numbers as they are.
    values.push(code);
    if (operand.type === "number") texts.push(literal(formatNumber14(constantOf(frame.body, operand.value))));
    else texts.push(kind === "number" ? `formatNumber14(${code})` : code);
    if (kind !== "string" && kind !== "number") checks.push(`typeof ${code}==="string"`);
  }
  frame.release(held);
  const prelude = before.length === 0 ? "" : `${before.join(",")},`;
  const joined = texts.join("+");
  if (checks.length === 0) return `(${prelude}${joined})`;
  const names = operands.map((operand) => literal(describe(operand)));
  const what = names.every((name) => name === "undefined") ? "" : `,[${names.join(",")}]`;
  return `(${prelude}${checks.join("&&")}?${joined}:(${frame.atRarely(line)}concat(rt,[${values.join(",")}]${what})))`;
}
