import {
  type CallExpression,
  calleeName,
  describe,
  type Expression,
  isAtom,
  isMultiple,
  isSettled,
  kindOf,
} from "../syntax/index.ts";
import type { Frame } from "./frame.ts";
import { resultCode, valuesCode } from "./lists.ts";
import { literal, nameOf } from "./names.ts";

/**
 * JavaScript for a call, giving its result bare or as a list.
 *
 * @param isTail it is what a function returns, so Lua would drop the frame first
 */
export function callCode(frame: Frame, call: CallExpression, isTail = false): string {
  const name = call.type === "method" ? call.name : calleeName(call.callee);
  const site = frame.sites.place(call.line, name, call.type === "method", isTail);
  // The line is set before the function is looked up, which it serves as well, and again later if the arguments set another.
  const before = `${frame.atSite(site)},`;
  const { marks } = frame;
  const target = targetCode(frame, call);
  const code = frame.generator
    ? yieldingCall(frame, call, target, site, isTail)
    : isMultiple(call.args.at(-1))
      ? spreadingCall(frame, call, target, site, isTail)
      : plainCall(frame, call, { ...target, marks }, site, isTail);
  frame.release(target.held);
  return `(${before}${code})`;
}

interface Target {
  /** Code that gives the function. */
  readonly callee: string;
  /** The object of a method, as the first argument. */
  readonly object: string | undefined;
  readonly held: number;
}

/** What is called: code that gives a function. If the value is none, it is a function that raises the error once it is called. */
function targetCode(frame: Frame, call: CallExpression): Target {
  if (call.type === "method") return methodCode(frame, call);
  const { callee } = call;
  if (callee.type === "local" && isSettled(callee)) {
    const name = nameOf(callee.variable);
    if (kindOf(callee) === "function") return { callee: name, object: undefined, held: 0 };
    return { callee: checked(name, name, describe(callee)), object: undefined, held: 0 };
  }
  const code = frame.writer.value(frame, callee);
  const name = frame.take();
  frame.release();
  return { callee: checked(`(${name}=${code})`, name, describe(callee)), object: undefined, held: 0 };
}

function checked(first: string, name: string, what: string | undefined): string {
  return `(typeof ${first}==="function"?${name}:callable(rt,${name},${literal(what)}))`;
}

function methodCode(frame: Frame, call: Extract<CallExpression, { type: "method" }>): Target {
  const code = frame.writer.value(frame, call.object);
  const isHeld = !isSettled(call.object);
  const object = isHeld ? frame.take() : code;
  const name = frame.take();
  frame.release();
  const from = isHeld ? `${object}=${code},${frame.at(call.line)}` : "";
  const read = `(${from}${name}=indexText(rt,${object},${literal(call.name)},${literal(describe(call.object))}))`;
  return { callee: checked(read, name, `method '${call.name}'`), object, held: isHeld ? 1 : 0 };
}

/** One in many tail calls is left to the caller's caller, which keeps the stack bounded. */
function tailed(callee: string, site: number, isTail: boolean): string {
  return isTail ? `(++rt.tails>TAIL_CALLS_MAX?(rt.tails=0,deferred(${callee},sites,${site})):${callee})` : callee;
}

function plainCall(
  frame: Frame,
  call: CallExpression,
  target: Target & { readonly marks: number },
  site: number,
  isTail: boolean,
): string {
  const args = call.args.map((arg) => frame.writer.value(frame, arg));
  if (target.object !== undefined) args.unshift(target.object);
  let { callee } = target;
  if (frame.marks !== target.marks) {
    const last = args.pop();
    const held = frame.take();
    frame.release();
    const mark = frame.atSite(site);
    if (last === undefined) callee = `(${held}=${callee},${mark},${held})`;
    else args.push(`(${held}=${last},${mark},${held})`);
  }
  return `${tailed(callee, site, isTail)}(${args.join(",")})`;
}

/** A call whose last argument may be several: without a list where it is only one. */
function spreadingCall(frame: Frame, call: CallExpression, target: Target, site: number, isTail: boolean): string {
  const last = call.args.at(-1) as Expression;
  const callee = frame.take();
  const before = [`${callee}=${tailed(target.callee, site, isTail)}`];
  const args = target.object === undefined ? [] : [target.object];
  let held = 1;
  for (const arg of call.args.slice(0, -1)) {
    const code = frame.writer.value(frame, arg);
    if (isAtom(arg) && isSettled(arg)) {
      args.push(code);
      continue;
    }
    const name = frame.take();
    held++;
    before.push(`${name}=${code}`);
    args.push(name);
  }
  const rest = frame.take();
  held++;
  const leading = args.map((arg) => `${arg},`).join("");
  if (last.type !== "vararg") before.push(`${rest}=${resultCode(frame, last)}`);
  before.push(frame.atSite(site));
  frame.release(held);
  if (last.type === "vararg") return `(${before.join(",")},${callee}(${leading}...va))`;
  return `(${before.join(",")},isArray(${rest})?${callee}(${leading}...many(${rest})):${callee}(${leading}${rest}))`;
}

function yieldingCall(frame: Frame, call: CallExpression, target: Target, site: number, isTail: boolean): string {
  const callee = frame.take();
  const args = frame.take();
  const leading = target.object === undefined ? "" : `${target.object},`;
  const list = valuesCode(frame, call.args);
  frame.release(2);
  const before = `${callee}=${target.callee},${args}=[${leading}${list}],${frame.atSite(site)}`;
  return isTail ? `(${before},tail(${callee},${args},sites,${site}))` : `(${before},yield* run(${callee},${args}))`;
}
