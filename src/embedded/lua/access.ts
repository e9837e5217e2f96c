import { LuaError } from "./error.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { drop } from "./tail-call.ts";
import { type LuaFunction, type LuaValue, typeName } from "./value.ts";

/** How long a chain of `__index` or `__newindex` may be, as in Lua. */
const CHAIN_MAX = 100;

/** A value's metamethod, or nil. Only tables and strings have any. */
export function metamethod(rt: Runtime, value: LuaValue, event: string): LuaValue {
  const metatable = value instanceof LuaTable ? value.metatable : typeof value === "string" ? rt.stringMetatable : undefined;
  return metatable === undefined ? undefined : metatable.getText(event);
}

/** `attempt to index local 'x' (a nil value)`; `what` is how the code calls the value, if it has a name. */
export function wrongType(value: LuaValue, operation: string, what: string | undefined): LuaError {
  const kind = `a ${typeName(value)} value`;
  return LuaError.at(what === undefined ? `attempt to ${operation} ${kind}` : `attempt to ${operation} ${what} (${kind})`);
}

/** `object[key]`, metamethods included. */
export function index(rt: Runtime, object: LuaValue, key: LuaValue, what?: string): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.get(key);
    if (value !== undefined || object.metatable === undefined) return value;
  }
  return indexByMetatable(rt, object, key, what);
}

/** `object.name`, metamethods included. */
export function indexText(rt: Runtime, object: LuaValue, key: string, what?: string): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.getText(key);
    if (value !== undefined || object.metatable === undefined) return value;
  }
  return indexByMetatable(rt, object, key, what);
}

function indexByMetatable(rt: Runtime, start: LuaValue, key: LuaValue, what: string | undefined): LuaValue {
  let object = start;
  for (let links = 0; links < CHAIN_MAX; links++) {
    const handler = metamethod(rt, object, "__index");
    if (handler === undefined) {
      if (object instanceof LuaTable) return undefined;
      throw wrongType(object, "index", links === 0 ? what : undefined);
    }
    if (typeof handler === "function") return rt.callMetamethod(handler, object, key);
    object = handler;
    if (object instanceof LuaTable) {
      const value = object.get(key);
      if (value !== undefined) return value;
    }
  }
  throw LuaError.at("loop in gettable");
}

/** `object[key] = value`, metamethods included. */
export function setIndex(rt: Runtime, object: LuaValue, key: LuaValue, value: LuaValue, what?: string): void {
  if (object instanceof LuaTable && object.metatable === undefined) object.set(key, value);
  else setByMetatable(rt, object, key, value, what);
}

/** `object.name = value`, metamethods included. */
export function setText(rt: Runtime, object: LuaValue, key: string, value: LuaValue, what?: string): void {
  if (object instanceof LuaTable && object.metatable === undefined) object.setText(key, value);
  else setByMetatable(rt, object, key, value, what);
}

function setByMetatable(rt: Runtime, start: LuaValue, key: LuaValue, value: LuaValue, what: string | undefined): void {
  let object = start;
  for (let links = 0; links < CHAIN_MAX; links++) {
    const handler = metamethod(rt, object, "__newindex");
    // Lua makes room for the key before it looks for the handler: nil and NaN are refused with one as without.
    const refused = key === undefined || Number.isNaN(key);
    if (object instanceof LuaTable && (handler === undefined || refused || object.get(key) !== undefined)) {
      object.set(key, value);
      return;
    }
    if (handler === undefined) throw wrongType(object, "index", links === 0 ? what : undefined);
    if (typeof handler === "function") {
      storeByFunction(rt, handler, object, key, value);
      return;
    }
    object = handler;
  }
  throw LuaError.at("loop in settable");
}

function storeByFunction(rt: Runtime, handler: LuaFunction, object: LuaValue, key: LuaValue, value: LuaValue): void {
  rt.enter(1);
  try {
    drop(handler(object, key, value));
  } catch (thrown) {
    if (thrown instanceof LuaError) thrown.calledByLua();
    throw thrown;
  } finally {
    rt.nested--;
  }
}

/** What to call when the called value is not a function: its `__call`, or something that raises the error once the arguments are there. */
export function callable(rt: Runtime, value: LuaValue, what?: string): LuaFunction {
  const handler = metamethod(rt, value, "__call");
  if (typeof handler === "function") return (...args) => handler(value, ...args);
  return () => {
    throw wrongType(value, "call", what);
  };
}
