import { type Expression, kindOf, type Statement } from "../syntax/index.ts";
import type { Frame } from "./frame.ts";
import { adjusted } from "./lists.ts";
import { nameOf, numberLiteral } from "./names.ts";

/** How many turns of a loop are counted in a register before the runtime hears of them: a power of two. */
const TURNS_AT_ONCE = 64;

/** One turn of a loop, counted. */
export function turnCode(frame: Frame): string {
  frame.hasLoops = true;
  return `if(((turns=turns+1|0)&${TURNS_AT_ONCE - 1})===0)rt.tick(${TURNS_AT_ONCE});`;
}

/** JavaScript for `for i = start, limit, step`. */
export function numericForCode(frame: Frame, statement: Extract<Statement, { type: "numeric for" }>): string {
  const { variable, start, limit, line } = statement;
  const step: Expression = statement.step ?? { type: "number", value: 1 };
  const { id } = variable;
  const [from, to, by] = [`$from${id}`, `$to${id}`, `$by${id}`];
  let code = `{let ${from}=${frame.writer.value(frame, start)},${to}=${frame.writer.value(frame, limit)},${by}=${frame.writer.value(frame, step)};`;
  code += checkCode(frame, start, from, "initial value", line) + checkCode(frame, limit, to, "limit", line);
  code += checkCode(frame, step, by, "step", line);
  const isCounter = !variable.assigned && !variable.captured;
  const counter = isCounter ? nameOf(variable) : `$i${id}`;
  // Lua takes the step off before the first turn and adds it at each, which can change the last digits of the start.
  const isWhole = start.type === "number" && step.type === "number" && isSmall(start.value) && isSmall(step.value);
  const first = isWhole ? numberLiteral(start.value) : `(${from}-${by})+${by}`;
  frame.forget();
  const body = frame.writer.block(frame, statement.block);
  frame.forget();
  const copy = isCounter ? "" : `let ${nameOf(variable)}=${counter};`;
  code += `for(let ${counter}=${first};${testCode(step, counter, to, by)};${counter}+=${by}){${turnCode(frame)}${copy}${body}}}`;
  return code;
}

/** An integer that stays what it is when another is taken off and added again: not -0. */
function isSmall(value: number): boolean {
  return Number.isSafeInteger(value) && Math.abs(value) < 2 ** 50 && !Object.is(value, -0);
}

function checkCode(frame: Frame, value: Expression, name: string, which: string, line: number): string {
  if (kindOf(value) === "number") return "";
  return `if(typeof ${name}!=="number"){${frame.atRarely(line)}${name}=loopNumber(${name},"${which}");}`;
}

function testCode(step: Expression, counter: string, to: string, by: string): string {
  if (step.type !== "number") return `${by}>0?${counter}<=${to}:${to}<=${counter}`;
  return step.value > 0 ? `${counter}<=${to}` : `${to}<=${counter}`;
}

/**
 * JavaScript for `for k, v in …`. A loop over `pairs` or `ipairs` walks the table itself; any other calls its iterator.
 */
export function genericForCode(frame: Frame, statement: Extract<Statement, { type: "generic for" }>): string {
  const { variables, values, line } = statement;
  const id = variables[0]?.id;
  const [call, state, control] = [`$call${id}`, `$state${id}`, `$control${id}`];
  const [way, place, result] = [`$way${id}`, `$place${id}`, `$result${id}`];
  const three = adjusted(frame, values, 3);
  frame.release(three.held);
  let code = `{${three.before === "" ? "" : `${three.before};`}let ${call}=${three.parts[0]},${state}=${three.parts[1]},${control}=${three.parts[2]};`;
  const site = frame.sites.place(line, "(for generator)");
  code += `const ${way}=loopWay(${call},${state},${control});let ${place}=${way}===2?${control}:0,${result};`;
  frame.forget();
  const names = variables.map(nameOf);
  const [key, value] = names;
  const walk = `if((${place}=${state}.placeFrom(${place}))<0)break;${key}=${state}.keyAt(${place});${value === undefined ? "" : `${value}=${state}.valueAt(${place});`}${place}++;`;
  const count = `if((${result}=${state}.getInt(++${place}))===undefined)break;${key}=${place};${value === undefined ? "" : `${value}=${result};`}`;
  const asked = `${frame.atSite(site)};${result}=many(callIterator(rt,${call},${state},${control}));${names.map((name, at) => `${name}=${result}[${at}];`).join("")}if(${key}===undefined)break;${control}=${key};`;
  frame.forget();
  const body = frame.writer.block(frame, statement.block);
  frame.forget();
  code += `for(;;){${turnCode(frame)}let ${names.join(",")};if(${way}===1){${walk}}else if(${way}===2){${count}}else{${asked}}${body}}}`;
  return code;
}
