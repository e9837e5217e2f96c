import { LuaError, NOT_ENOUGH_MEMORY } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { type LuaFunction, type LuaResult, type LuaValue, NONE } from "../value.ts";
import { badArgument, badType, fail, intArgument, integerArgument, textArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { format } from "./string-format.ts";
import { matchingFunctions } from "./string-matching.ts";

/** The longest text: what Node can hold, and as much as a Redis value may have. */
const TEXT_BYTES_MAX = 512 * 1024 * 1024 - 24;
/** Of a longer text the case is changed byte by byte: put together from pieces it takes ten times as long. */
const PIECED_MAX = 1024;
/** How many values a C function of Lua may have on its stack, its arguments included. */
const STACK_VALUES_MAX = 8_000;

/** The library `string`. */
export function stringLibrary(rt: Runtime): LuaTable {
  return tableOf({
    ...functions,
    ...matchingFunctions(rt),
    upper: (...args) => changeCase(worked(rt, args), 97, 122),
    lower: (...args) => changeCase(worked(rt, args), 65, 90),
    reverse: (...args) => reverse(worked(rt, args)),
    rep: (...args) => repeat(rt, args),
    format: (...args) => {
      const text = format(args);
      rt.read(text.length);
      return text;
    },
  });
}

const functions: Readonly<Record<string, LuaFunction>> = {
  len: (...args) => textArgument(args[0], 1, args.length).length,
  sub: (...args) => {
    const text = textArgument(args[0], 1, args.length);
    const from = integerArgument(args[1], 2, args.length);
    const to = args[2] === undefined ? -1 : integerArgument(args[2], 3, args.length);
    return slice(text, from, to);
  },
  byte: (...args) => bytesOf(args),
  char: (...args) => charsOf(args),
  dump: (...args) => {
    if (typeof args[0] !== "function") badType(1, args.length, "function", args[0]);
    return fail("unable to dump given function");
  },
};

/** A text that is gone through from end to end, which counts as work. */
function worked(rt: Runtime, args: readonly LuaValue[]): string {
  const text = textArgument(args[0], 1, args.length);
  rt.tick(text.length >>> 6);
  return text;
}

/** Counts from 1, negative from the end, as Lua does. */
function slice(text: string, from: number, to: number): string {
  const length = text.length;
  const start = from < 0 ? Math.max(from + length + 1, 1) : Math.max(from, 1);
  const end = to < 0 ? to + length + 1 : Math.min(to, length);
  return start > end ? "" : text.slice(start - 1, end);
}

/** Turns the case of the letters between two codes. Only ASCII has case here; JavaScript's own would turn bytes above 127 too. */
function changeCase(text: string, from: number, to: number): string {
  if (text.length > PIECED_MAX) return changeCaseOfLong(text, from, to);
  let result = "";
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < from || code > to) continue;
    result += text.slice(copied, at) + String.fromCharCode(code ^ 32);
    copied = at + 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function changeCaseOfLong(text: string, from: number, to: number): string {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] as number;
    if (code >= from && code <= to) bytes[at] = code ^ 32;
  }
  return bytes.toString("latin1");
}

function reverse(text: string): string {
  return Buffer.from(text, "latin1").reverse().toString("latin1");
}

function repeat(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const text = textArgument(args[0], 1, args.length);
  const count = intArgument(args[1], 2, args.length);
  if (count <= 0 || text === "") return "";
  const length = text.length * count;
  if (length > TEXT_BYTES_MAX) throw new LuaError(NOT_ENOUGH_MEMORY);
  rt.tick(length >>> 6);
  return text.repeat(count);
}

function bytesOf(args: readonly LuaValue[]): LuaResult {
  const text = textArgument(args[0], 1, args.length);
  const length = text.length;
  const from = args[1] === undefined ? 1 : integerArgument(args[1], 2, args.length);
  const first = from < 0 ? Math.max(from + length + 1, 0) : from;
  const start = Math.max(first, 1);
  const to = args[2] === undefined ? first : integerArgument(args[2], 3, args.length);
  const end = Math.min(to < 0 ? to + length + 1 : to, length);
  if (start > end) return NONE;
  if (start === end) return text.charCodeAt(start - 1);
  if (args.length + end - start + 1 > STACK_VALUES_MAX) fail("stack overflow (string slice too long)");
  const bytes: LuaValue[] = [];
  for (let at = start - 1; at < end; at++) bytes.push(text.charCodeAt(at));
  return bytes;
}

function charsOf(args: readonly LuaValue[]): LuaResult {
  let text = "";
  for (let index = 0; index < args.length; index++) {
    const code = intArgument(args[index], index + 1, args.length);
    if (code < 0 || code > 255) badArgument(index + 1, "invalid value");
    text += String.fromCharCode(code);
  }
  return text;
}
