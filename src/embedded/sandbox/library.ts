import { LuaError, type LuaFunction, LuaTable, NONE, StepLimitError } from "../lua/index.ts";
import { type Refusal, refuse } from "../value/index.ts";
import { raise } from "./arguments.ts";
import { oneLine } from "./flags.ts";
import { protect, refuseMissing } from "./globals.ts";
import type { Machine } from "./machine.ts";
import { sha1 } from "./redis-table.ts";
import { type LibraryFunction, registration } from "./registration.ts";
import { splitArguments } from "./split-arguments.ts";

/** So many steps may loading a library take: Redis gives it half a second. */
const loadingStepsMax = 50_000_000;

const identifier = /^\w+$/;
const badName = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

/** A library that was loaded. */
export interface Library {
  readonly name: string;
  readonly code: string;
  readonly functions: ReadonlyMap<string, LibraryFunction>;
}

/** What the first line of a library says. */
export interface LibraryHeader {
  readonly name: string;
  /** The code without its first line's text. */
  readonly source: string;
}

/** Reads `#!lua name=mylib`. @throws {Refusal} in Redis' words */
export function readHeader(code: string): LibraryHeader {
  if (!code.startsWith("#!")) throw refuse("Missing library metadata");
  const end = code.indexOf("\n");
  const words = end === -1 ? undefined : splitArguments(code.slice(0, end));
  if (words === undefined) throw refuse("Invalid library metadata");
  const [engine = "#!", ...options] = words;
  let name: string | undefined;
  for (const option of options) {
    if (option.slice(0, 5).toLowerCase() !== "name=") throw refuse(oneLine(`Invalid metadata value given: ${option}`));
    if (name !== undefined) throw refuse("Invalid metadata value, name argument was given multiple times");
    name = option.slice(5);
  }
  if (name === undefined) throw refuse("Library name was not given");
  if (!identifier.test(name)) throw refuse(badName);
  if (engine.toLowerCase() !== "#!lua") throw refuse(oneLine(`Engine '${engine.slice(2)}' not found`));
  return { name, source: code.slice(end) };
}

/** Runs the code of a library, which registers its functions. @throws {Refusal} if it cannot, or registers none */
export function loadLibrary(machine: Machine, code: string, { name, source }: LibraryHeader): Library {
  const functions = new Map<string, LibraryFunction>();
  let loading = true;
  const register: LuaFunction = (...args) => {
    if (!loading) raise("redis.register_function can only be called on FUNCTION LOAD command");
    const added = registration(args);
    if (!identifier.test(added.name)) raise(badName);
    if (functions.has(added.name)) raise("Function already exists in the library");
    functions.set(added.name, added);
    return NONE;
  };
  const globals = new LuaTable();
  globals.set("redis", loadingRedis(machine, register));
  refuseMissing(globals);
  protect(globals);
  try {
    run(machine, compileLibrary(machine, code, source, globals));
  } finally {
    loading = false;
  }
  if (functions.size === 0) throw refuse("No functions registered");
  openGlobals(globals, machine.functionGlobals);
  return { name, code, functions };
}

function loadingRedis(machine: Machine, register: LuaFunction): LuaTable {
  const table = new LuaTable();
  const fields = machine.loadingFields;
  for (let place = fields.placeFrom(0); place >= 0; place = fields.placeFrom(place + 1)) {
    table.set(fields.keyAt(place), fields.valueAt(place));
  }
  table.set("register_function", register);
  refuseMissing(table);
  return table;
}

/** While it loads, a library has nothing but `redis`; its functions have all that functions have. */
function openGlobals(globals: LuaTable, functionGlobals: LuaTable): void {
  const behind = new LuaTable();
  behind.set("__index", functionGlobals);
  behind.set("__newindex", functionGlobals);
  globals.readonly = false;
  globals.set("redis", undefined);
  globals.metatable = behind;
}

function compileLibrary(machine: Machine, code: string, source: string, globals: LuaTable): LuaFunction {
  try {
    return machine.compiler.compile("library", sha1(code), code, source).instantiate(machine.runtime, globals);
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    throw refuse(oneLine(`Error compiling function: ${String(error.value)}`));
  }
}

function run({ runtime }: Machine, main: LuaFunction): void {
  runtime.coroutine = undefined;
  runtime.limitSteps(loadingStepsMax);
  try {
    runtime.call(main, []);
  } catch (error) {
    if (error instanceof StepLimitError) throw failed("ERR FUNCTION LOAD timeout");
    if (!(error instanceof LuaError)) throw error;
    const text = error.value instanceof LuaTable ? error.value.getText("err") : `ERR ${runtime.tostring(error.value)}`;
    throw failed(typeof text === "string" || typeof text === "number" ? String(text) : "ERR unknown error");
  }
}

function failed(text: string): Refusal {
  return refuse(oneLine(`Error registering functions: ${text}`));
}
