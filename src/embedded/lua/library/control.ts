import { formatNumber14 } from "../../number/index.ts";
import { compile } from "../compile.ts";
import { asLuaError, LuaError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { many } from "../tail-call.ts";
import type { LuaFunction, LuaResult, LuaValue } from "../value.ts";
import { badArgument, badType, intArgument, textArgument } from "./arguments.ts";

/** How often a handler that fails is asked about its own failure, as far as Lua's stack of C calls goes. */
const HANDLER_CALLS_MAX = 200;

/** What it costs to catch an error, and to compile: some microseconds, when a step is some nanoseconds. */
const CATCH_STEPS = 200;
const COMPILE_STEPS = 1000;
const COMPILE_STEPS_PER_CHARACTER = 20;

/** The functions that run code: `error`, `pcall`, `xpcall`, `load` and `loadstring`. */
export function controlFunctions(rt: Runtime): Readonly<Record<string, LuaFunction>> {
  return {
    error,
    pcall: (...args) => {
      if (args.length === 0) badArgument(1, "value expected");
      try {
        return [true, ...many(rt.call(args[0], args.slice(1)))];
      } catch (thrown) {
        return [false, caught(rt, thrown).value];
      }
    },
    xpcall: (...args) => {
      if (args.length < 2) badArgument(2, "value expected");
      try {
        return [true, ...many(rt.call(args[0], []))];
      } catch (thrown) {
        return handled(rt, args[1], caught(rt, thrown).value);
      }
    },
    loadstring: (...args) => {
      const source = textArgument(args[0], 1, args.length);
      return load(rt, source, args[1] === undefined ? source : textArgument(args[1], 2, args.length));
    },
    load: (...args) => {
      if (typeof args[0] !== "function") badType(1, args.length, "function", args[0]);
      const name = args[1] === undefined ? "=(load)" : textArgument(args[1], 2, args.length);
      const source = readAll(rt, args[0] as LuaFunction);
      return typeof source === "string" ? load(rt, source, name) : [undefined, source.value];
    },
  };
}

const error: LuaFunction = (value, level) => {
  const up = level === undefined ? 1 : intArgument(level, 2, 2);
  const isText = typeof value === "string" || typeof value === "number";
  if (!isText || up <= 0) throw new LuaError(value);
  throw new LuaError(typeof value === "number" ? formatNumber14(value) : value, up);
};

/** What Lua code may catch: everything but defects of ours and the end of the step budget. */
function caught(rt: Runtime, thrown: unknown): LuaError {
  const luaError = asLuaError(thrown);
  if (!(luaError instanceof LuaError)) throw thrown;
  // What JavaScript throws comes with a stack.
  rt.tick(luaError === thrown ? CATCH_STEPS : 50 * CATCH_STEPS);
  return luaError;
}

function handled(rt: Runtime, handler: LuaValue, failure: LuaValue): LuaResult {
  let value = failure;
  for (let calls = 0; typeof handler === "function" && calls < HANDLER_CALLS_MAX; calls++) {
    try {
      return [false, rt.callFirst(handler, [value])];
    } catch (thrown) {
      value = caught(rt, thrown).value;
    }
  }
  return [false, "error in error handling"];
}

function load(rt: Runtime, source: string, name: string): LuaResult {
  rt.tick(COMPILE_STEPS + COMPILE_STEPS_PER_CHARACTER * source.length);
  try {
    const syntaxTitle = chunkTitle(name, SYNTAX_TITLE_SIZE);
    const options = { backend: rt.backend, mayYield: true, levels: rt.nested, syntaxTitle };
    return compile(source, chunkTitle(name), options).instantiate(rt, rt.globals);
  } catch (thrown) {
    return [undefined, caught(rt, thrown).value];
  }
}

/** Asks a function for the pieces of a source until it gives none. The error, if it failed. */
function readAll(rt: Runtime, reader: LuaFunction): string | LuaError {
  let source = "";
  try {
    for (;;) {
      const piece = rt.callFirst(reader, []);
      // What it calls need not count: without loops and calls of its own it cannot go on for ever.
      rt.tick(1 + (typeof piece === "string" ? piece.length : 0));
      if (piece === undefined || piece === "") return source;
      if (typeof piece !== "string" && typeof piece !== "number") {
        return LuaError.at("reader function must return a string");
      }
      source += typeof piece === "number" ? formatNumber14(piece) : piece;
    }
  } catch (thrown) {
    return caught(rt, thrown);
  }
}

/** How much of a chunk's name an error shows: syntax errors show more. */
const TITLE_SIZE = 60;
const SYNTAX_TITLE_SIZE = 80;

/** How errors call a chunk: `=name` and `@name` by their name, a source by its first line, cut as Lua cuts them. */
function chunkTitle(whole: string, size: number = TITLE_SIZE): string {
  // To C a text ends at its first zero byte.
  const name = whole.split("\0", 1)[0] as string;
  if (name.startsWith("=")) return name.slice(1, size);
  const fileSize = size - 8;
  if (name.startsWith("@")) return name.length - 1 > fileSize ? `...${name.slice(-fileSize)}` : name.slice(1);
  const lineEnd = name.search(/[\n\r]/);
  const line = name.slice(0, Math.min(lineEnd < 0 ? name.length : lineEnd, size - 17));
  return `[string "${line}${line.length < name.length ? "..." : ""}"]`;
}
