import { LuaTable, type LuaValue } from "../lua/index.ts";
import { BigNumber, Double, MapReply, NullArray, Refusal, type Reply, SetReply, Status, type Verbatim } from "../value/index.ts";
import { refusalTable } from "./error-table.ts";

/** What a script gets for the reply of a command, in the protocol that it asked for by `redis.setresp`. */
export function toLua(reply: Reply, resp: 2 | 3): LuaValue {
  if (typeof reply === "string" || typeof reply === "number") return reply;
  if (reply === null) return resp === 2 ? false : undefined;
  if (Array.isArray(reply)) return toList(reply as readonly Reply[], resp);
  if (reply instanceof Status) return status(reply.text);
  return toLuaRarely(reply as Exclude<Reply, string | number | null | Status | readonly Reply[]>, resp);
}

/** `{ok = "OK"}` */
export function status(text: string): LuaTable {
  const table = new LuaTable();
  table.set("ok", text);
  return table;
}

function toList(items: readonly Reply[], resp: 2 | 3): LuaTable {
  // A copy has the room that it needs: a list that grows by itself would throw half of what it takes away.
  const values = items.slice() as LuaValue[];
  for (let index = 0; index < values.length; index++) {
    const item = items[index] as Reply;
    if (typeof item !== "string" && typeof item !== "number") values[index] = toLua(item, resp);
  }
  return new LuaTable(values);
}

function toLuaRarely(reply: Exclude<Reply, string | number | null | Status | readonly Reply[]>, resp: 2 | 3): LuaValue {
  if (reply instanceof Refusal) return refusalTable(reply);
  if (typeof reply === "bigint") return Number(reply);
  if (typeof reply === "boolean") return resp === 3 || reply ? (resp === 3 ? reply : 1) : 0;
  if (reply instanceof NullArray) return resp === 2 ? false : undefined;
  if (reply instanceof Double) return resp === 2 ? reply.text : wrapped("double", reply.value);
  if (reply instanceof MapReply) return resp === 2 ? toList(reply.entries, 2) : wrapped("map", toMap(reply.entries));
  if (reply instanceof SetReply) return resp === 2 ? toList(reply.members, 2) : wrapped("set", toSet(reply.members));
  if (reply instanceof BigNumber) return resp === 2 ? reply.digits : wrapped("big_number", reply.digits);
  return resp === 2 ? (reply as Verbatim).text : toVerbatim(reply as Verbatim);
}

function wrapped(kind: string, value: LuaValue): LuaTable {
  const table = new LuaTable();
  table.set(kind, value);
  return table;
}

function toMap(entries: readonly Reply[]): LuaTable {
  const map = new LuaTable();
  for (let index = 0; index + 1 < entries.length; index += 2) {
    map.set(toLua(entries[index] as Reply, 3), toLua(entries[index + 1] as Reply, 3));
  }
  return map;
}

function toSet(members: readonly Reply[]): LuaTable {
  const set = new LuaTable();
  for (const member of members) set.set(toLua(member, 3), true);
  return set;
}

function toVerbatim(reply: Verbatim): LuaTable {
  const parts = new LuaTable();
  parts.set("format", reply.format);
  parts.set("string", reply.text);
  return wrapped("verbatim_string", parts);
}
