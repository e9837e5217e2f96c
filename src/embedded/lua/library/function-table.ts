import { LuaTable } from "../table.ts";
import type { LuaValue } from "../value.ts";

/** A table with these text keys: how a library becomes a Lua value. */
export function tableOf(fields: Readonly<Record<string, LuaValue>>): LuaTable {
  const table = new LuaTable();
  for (const name in fields) table.set(name, fields[name]);
  return table;
}
