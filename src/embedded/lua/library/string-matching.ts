import { formatNumber14 } from "../../number/index.ts";
import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import { type LuaFunction, type LuaResult, type LuaValue, NONE, typeName } from "../value.ts";
import { badArgument, fail, integerArgument, optionalInt, textArgument } from "./arguments.ts";
import { Matcher } from "./pattern.ts";

/** The functions of `string` that take patterns: find, match, gmatch and gsub. */
export function matchingFunctions(rt: Runtime): Readonly<Record<string, LuaFunction>> {
  const gmatch = (...args: LuaValue[]): LuaResult => {
    const text = textArgument(args[0], 1, args.length);
    return everyMatch(rt, text, textArgument(args[1], 2, args.length));
  };
  return {
    find: (...args) => search(rt, args, true),
    match: (...args) => search(rt, args, false),
    gmatch,
    gfind: gmatch,
    gsub: (...args) => substitute(rt, args),
  };
}

function search(rt: Runtime, args: readonly LuaValue[], find: boolean): LuaResult {
  const text = textArgument(args[0], 1, args.length);
  const pattern = textArgument(args[1], 2, args.length);
  const from = startOf(args[2], text.length);
  if (find && (isTrue(args[3]) || isPlain(pattern))) {
    const at = text.indexOf(pattern, from);
    rt.read((at < 0 ? text.length : at) - from);
    return at < 0 ? undefined : [at + 1, at + pattern.length];
  }
  const anchored = pattern.charCodeAt(0) === 94;
  const matcher = new Matcher(rt, text, pattern);
  let start = from;
  do {
    const end = matcher.matchAt(start, anchored ? 1 : 0);
    if (end < 0) continue;
    if (!find) return matcher.captures <= 1 ? matcher.capture(0, start, end) : matcher.allCaptures(start, end);
    return matcher.captures === 0 ? [start + 1, end] : matcher.allCaptures(start, end, [start + 1, end]);
  } while (start++ < text.length && !anchored);
  return undefined;
}

function startOf(value: LuaValue, length: number): number {
  if (value === undefined) return 0;
  const init = integerArgument(value, 3, 3);
  const start = init < 0 ? init + length : init - 1;
  return start < 0 ? 0 : Math.min(start, length);
}

function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

/** No character with a meaning in patterns, as far as the first NUL: C's `strpbrk` does not look further. */
function isPlain(pattern: string): boolean {
  for (let at = 0; at < pattern.length; at++) {
    switch (pattern.charCodeAt(at)) {
      case 0:
        return true;
      // The characters ^ $ * + ? . ( [ % -
      case 94:
      case 36:
      case 42:
      case 43:
      case 63:
      case 46:
      case 40:
      case 91:
      case 37:
      case 45:
        return false;
    }
  }
  return true;
}

function everyMatch(rt: Runtime, text: string, pattern: string): LuaFunction {
  let next = 0;
  return () => {
    const matcher = new Matcher(rt, text, pattern);
    for (let start = next; start <= text.length; start++) {
      const end = matcher.matchAt(start, 0);
      if (end < 0) continue;
      next = end === start ? end + 1 : end;
      return matcher.captures <= 1 ? matcher.capture(0, start, end) : matcher.allCaptures(start, end);
    }
    next = text.length + 1;
    return NONE;
  };
}

type Replacement = string | LuaTable | LuaFunction;

function substitute(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const text = textArgument(args[0], 1, args.length);
  const pattern = textArgument(args[1], 2, args.length);
  const most = optionalInt(args[3], 4, text.length + 1);
  const replacement = replacementOf(args[2]);
  const anchored = pattern.charCodeAt(0) === 94;
  const matcher = new Matcher(rt, text, pattern);
  let result = "";
  // Where the text that is already in the result ends.
  let copied = 0;
  let at = 0;
  let count = 0;
  while (count < most) {
    const end = matcher.matchAt(at, anchored ? 1 : 0);
    if (end >= 0) {
      count++;
      result += text.slice(copied, at) + replaced(rt, matcher, replacement, text, at, end);
      copied = end;
    }
    if (end > at) at = end;
    else if (at < text.length) at++;
    else break;
    if (anchored) break;
  }
  return [count === 0 ? text : result + text.slice(copied), count];
}

function replacementOf(value: LuaValue): Replacement {
  if (typeof value === "string" || typeof value === "function" || value instanceof LuaTable) return value;
  return typeof value === "number" ? formatNumber14(value) : badArgument(3, "string/function/table expected");
}

function replaced(rt: Runtime, matcher: Matcher, by: Replacement, text: string, start: number, end: number): string {
  if (typeof by === "string") return expanded(matcher, by, text, start, end);
  const value =
    typeof by === "function" ? rt.callFirst(by, matcher.allCaptures(start, end)) : rt.index(by, matcher.capture(0, start, end));
  if (typeof value === "string") return value;
  if (value === undefined || value === false) return text.slice(start, end);
  return typeof value === "number" ? formatNumber14(value) : fail(`invalid replacement value (a ${typeName(value)})`);
}

/** A replacement text with its `%1`. What follows a `%` and is no digit stands for itself; at the very end that is C's final NUL. */
function expanded(matcher: Matcher, by: string, text: string, start: number, end: number): string {
  let mark = by.indexOf("%");
  if (mark < 0) return by;
  let result = "";
  let copied = 0;
  for (; mark >= 0; mark = by.indexOf("%", copied)) {
    result += by.slice(copied, mark);
    const digit = by.charCodeAt(mark + 1) - 48;
    if (digit === 0) result += text.slice(start, end);
    else if (digit > 0 && digit <= 9) {
      const capture = matcher.capture(digit - 1, start, end);
      result += typeof capture === "number" ? formatNumber14(capture) : (capture as string);
    } else result += by[mark + 1] ?? "\0";
    copied = mark + 2;
  }
  return result + by.slice(copied);
}
