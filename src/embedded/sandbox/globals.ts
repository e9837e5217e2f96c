import { LuaError, type LuaFunction, type LuaResult, LuaTable, type LuaValue, type Runtime } from "../lua/index.ts";

/** Makes a table read-only, with all tables in it. */
export function protect(table: LuaTable): void {
  if (table.readonly) return;
  table.readonly = true;
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    const value = table.valueAt(place);
    if (value instanceof LuaTable) protect(value);
  }
}

/** Makes reading a field that is not there an error: what catches a misspelt name. */
export function refuseMissing(table: LuaTable): void {
  table.metatable = missing;
}

/** The globals of a second state: the same libraries, in a table of their own. */
export function copyGlobals(globals: LuaTable): LuaTable {
  const copy = new LuaTable();
  for (let place = globals.placeFrom(0); place >= 0; place = globals.placeFrom(place + 1)) {
    copy.set(globals.keyAt(place), globals.valueAt(place));
  }
  copy.set("_G", copy);
  return copy;
}

/** `pcall` as Redis has it: of an error table with a text in `err` the script gets that text alone. */
export function redisPcall(pcall: LuaFunction, runtime: Runtime): LuaFunction {
  return (...args) => {
    // Redis puts the result of success where the function is missing, and calls that.
    if (args.length === 0) return [false, "attempt to call a boolean value"];
    const result = pcall(...args);
    return Array.isArray(result) && result[0] === false ? simplified(result, runtime) : result;
  };
}

function simplified(result: readonly LuaValue[], runtime: Runtime): LuaResult {
  const error = result[1];
  if (!(error instanceof LuaTable)) return result;
  const text = errOf(error, runtime);
  // A table of another kind is followed by what was found in it, which Redis leaves on the stack.
  return typeof text === "string" || typeof text === "number" ? [false, text] : [false, error, text];
}

/** What a table has in `err`. A metamethod that fails is not called by Lua here, but by Redis, which has no line. */
function errOf(error: LuaTable, runtime: Runtime): LuaValue {
  try {
    return runtime.index(error, "err");
  } catch (thrown) {
    if (thrown instanceof LuaError) thrown.leave();
    throw thrown;
  }
}

/**
 * `__redis__err__handler`, which Redis keeps among the globals of scripts: makes a table of an error, with the place it was
 * called from.
 */
export function errorHandler(runtime: Runtime): LuaFunction {
  return (error) => {
    if (error instanceof LuaTable) return error;
    const table = new LuaTable();
    table.set("err", `ERR ${runtime.tostring(error)}`);
    return table;
  };
}

const missing: LuaTable = new LuaTable();
missing.set("__index", (_table: LuaValue, key: LuaValue): LuaResult => {
  if (typeof key !== "string" && typeof key !== "number") {
    throw LuaError.at("Second argument to luaProtectedTableError must be a string or number");
  }
  throw LuaError.at(`Script attempted to access nonexistent global variable '${nameOf(key)}'`);
});
missing.readonly = true;

function nameOf(key: string | number): string {
  const text = String(key);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
