import {
  describe,
  type Expression,
  isAtom,
  isMultiple,
  isSettled,
  kindOf,
  type Statement,
  type Target,
} from "../syntax/index.ts";
import { callCode } from "./calls.ts";
import { conditionCode, placeCode, valueCode } from "./expressions.ts";
import type { Frame } from "./frame.ts";
import { leaves } from "./functions.ts";
import { adjusted, resultCode, valuesCode } from "./lists.ts";
import { genericForCode, numericForCode, turnCode } from "./loops.ts";
import { literal, nameOf } from "./names.ts";

/** JavaScript for the statements of a block. */
export function blockCode(frame: Frame, block: readonly Statement[]): string {
  return block.map((statement) => statementCode(frame, statement)).join("");
}

function statementCode(frame: Frame, statement: Statement): string {
  switch (statement.type) {
    case "local":
      return localCode(frame, statement);
    case "assign":
      return assignCode(frame, statement);
    case "call": {
      const code = callCode(frame, statement.call);
      const result = frame.take();
      frame.release();
      return `if((${result}=${code})!==NONE&&isArray(${result}))drop(${result});`;
    }
    case "do":
      return `{${blockCode(frame, statement.block)}}`;
    case "while":
      return whileCode(frame, statement);
    case "repeat":
      return repeatCode(frame, statement);
    case "if":
      return ifCode(frame, statement);
    case "numeric for":
      return numericForCode(frame, statement);
    case "generic for":
      return genericForCode(frame, statement);
    case "local function": {
      const name = nameOf(statement.variable);
      return `let ${name};${name}=${frame.writer.closure(frame, statement.body)};`;
    }
    case "return":
      return returnCode(frame, statement.values);
    case "break":
      return "break;";
    case "count":
      return `counts[${statement.place}]++;`;
  }
}

function localCode(frame: Frame, statement: Extract<Statement, { type: "local" }>): string {
  const { variables, values } = statement;
  variables.forEach((variable, at) => {
    const value = values[at];
    if (value !== undefined) variable.kind = kindOf(value);
    else if (!isMultiple(values.at(-1))) variable.kind = "nil";
  });
  const names = variables.map(nameOf);
  const { before, parts, held } = adjusted(frame, values, names.length);
  frame.release(held);
  const lead = before === "" ? "" : `${before};`;
  return `${lead}let ${names.map((name, at) => `${name}=${parts[at]}`).join(",")};`;
}

function assignCode(frame: Frame, statement: Extract<Statement, { type: "assign" }>): string {
  const { targets, values, line } = statement;
  const [target] = targets;
  const [value] = values;
  if (targets.length === 1 && values.length === 1 && target !== undefined && value !== undefined) {
    return assignOne(frame, target, value, line);
  }
  return assignSeveral(frame, targets, values, line);
}

function assignOne(frame: Frame, target: Target, value: Expression, line: number): string {
  if (target.type === "local") return `${nameOf(target.variable)}=${valueCode(frame, value)};`;
  if (target.type === "global") return setGlobalCode(frame, target.name, valueCode(frame, value), line);
  const { before, object, key, held } = placeCode(frame, target);
  const { marks } = frame;
  let code = valueCode(frame, value);
  const lateReads = !isAtom(value) && !(isSettled(target.object) && isSettled(target.key));
  let lead = before;
  if (marks !== frame.marks || lateReads) {
    const name = frame.take();
    frame.release();
    lead += `${name}=${code},`;
    code = name;
  }
  frame.release(held);
  return `${lead}${frame.at(line)}${setCode(target, object, key, code)};`;
}

function setCode(target: Extract<Target, { type: "index" }>, object: string, key: string, value: string): string {
  const set = target.key.type === "string" ? "setText" : "setIndex";
  return `${set}(rt,${object},${key},${value},${literal(describe(target.object))})`;
}

function setGlobalCode(frame: Frame, name: string, code: string, line: number): string {
  const held = frame.take();
  frame.release();
  return `${held}=${code};${frame.at(line)}setText(rt,env,${literal(name)},${held});`;
}

/** Objects and keys first, then the values, then the assignments from the right to the left, as in Lua. */
function assignSeveral(frame: Frame, targets: readonly Target[], values: readonly Expression[], line: number): string {
  let code = "";
  let held = 0;
  const places = targets.map((target) => {
    if (target.type !== "index") return undefined;
    const place = placeCode(frame, target, true);
    held += place.held;
    const object = settledName(frame, target.object, place.object, targets);
    const key = settledName(frame, target.key, place.key, targets);
    for (const copy of [object, key]) if (copy.held) held++;
    code += `${place.before}${object.before}${key.before}`;
    return { object: object.name, key: key.name };
  });
  const { before, parts: names, held: heldValues } = adjusted(frame, values, targets.length, true);
  held += heldValues;
  if (before !== "") code += `${before},`;
  if (code !== "") code = `${code.slice(0, -1)};`;
  for (let at = targets.length - 1; at >= 0; at--) {
    const target = targets[at];
    const place = places[at];
    const name = names[at] ?? "undefined";
    if (target?.type === "local") code += `${nameOf(target.variable)}=${name};`;
    else if (target?.type === "global") code += `${frame.at(line)}setText(rt,env,${literal(target.name)},${name});`;
    else if (target !== undefined && place !== undefined) {
      code += `${frame.at(line)}${setCode(target, place.object, place.key, name)};`;
    }
  }
  frame.release(held);
  return code;
}

/** A local that the same statement assigns to is copied first. */
function settledName(frame: Frame, expression: Expression, code: string, targets: readonly Target[]) {
  const isTarget =
    expression.type === "local" && targets.some((target) => target.type === "local" && target.variable === expression.variable);
  if (!isTarget || code !== nameOf(expression.variable)) return { before: "", name: code, held: false };
  const name = frame.take();
  return { before: `${name}=${code},`, name, held: true };
}

function returnCode(frame: Frame, values: readonly Expression[]): string {
  const [only] = values;
  if (only === undefined) return "return NONE;";
  if (values.length > 1) return `return [${valuesCode(frame, values)}];`;
  if (only.type === "call" || only.type === "method") return `return ${callCode(frame, only, true)};`;
  return `return ${resultCode(frame, only)};`;
}

function ifCode(frame: Frame, statement: Extract<Statement, { type: "if" }>): string {
  const parts = statement.branches.map(({ condition, block }) => {
    const test = conditionCode(frame, condition);
    const body = blockCode(frame, block);
    frame.forget();
    return `if(${test}){${body}}`;
  });
  const otherwise = statement.otherwise === undefined ? "" : `else{${blockCode(frame, statement.otherwise)}}`;
  frame.forget();
  return parts.join("else ") + otherwise;
}

function whileCode(frame: Frame, statement: Extract<Statement, { type: "while" }>): string {
  frame.forget();
  const test = conditionCode(frame, statement.condition);
  const body = blockCode(frame, statement.block);
  frame.forget();
  return `while(${test}){${turnCode(frame)}${body}}`;
}

function repeatCode(frame: Frame, statement: Extract<Statement, { type: "repeat" }>): string {
  frame.forget();
  const body = blockCode(frame, statement.block);
  const test = leaves(statement.block) ? "" : `if(${conditionCode(frame, statement.condition)})break;`;
  frame.forget();
  return `for(;;){${turnCode(frame)}${body}${test}}`;
}
