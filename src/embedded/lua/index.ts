/**
 * Lua 5.1 in JavaScript: a compiler, its runtime and the libraries that scripts of Redis find. It knows nothing of Redis.
 *
 * @module
 * @example
 * const rt = new Runtime();
 * openLibraries(rt);
 * const main = compile("return 1 + 1", "user_script").instantiate(rt, rt.globals);
 * rt.callMany(main, []); // [2]
 */

export { formatNumber14 } from "../number/index.ts";
export { type CompileOptions, compile, type Prototype } from "./compile.ts";
export { LuaError, StepLimitError } from "./error.ts";
export { openLibraries } from "./library/index.ts";
export { Runtime } from "./runtime.ts";
export { LuaTable } from "./table.ts";
export { first, many } from "./tail-call.ts";
export { type LuaFunction, type LuaResult, type LuaValue, NONE } from "./value.ts";
