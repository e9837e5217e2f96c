import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { type LuaResult, type LuaValue, NONE } from "../value.ts";
import { fail, integerArgument, textArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { MsgpackReader } from "./msgpack-decode.ts";
import { packValue } from "./msgpack-encode.ts";

/** How many values a C function of Lua may have on its stack, its arguments included. */
const STACK_VALUES_MAX = 8_000;

/** The library `cmsgpack`: MessagePack without its binary and extension types. */
export function cmsgpackLibrary(rt: Runtime): LuaTable {
  return tableOf({
    _NAME: "cmsgpack",
    _VERSION: "lua-cmsgpack 0.4.0",
    _COPYRIGHT: "Copyright (C) 2012, Salvatore Sanfilippo",
    _DESCRIPTION: "MessagePack C implementation for Lua",
    pack: (...args) => {
      if (args.length === 0) fail("bad argument #0 to 'pack' (MessagePack pack needs input.)");
      let packed = "";
      for (const value of args) packed += packValue(rt, value, 0);
      return packed;
    },
    unpack: (...args) => unpack(rt, textArgument(args[0], 1, args.length), 0, 0),
    unpack_one: (...args) => {
      const offset = args[1] === undefined ? 0 : integerArgument(args[1], 2, args.length);
      return unpack(rt, textArgument(args[0], 1, args.length), 1, offset);
    },
    unpack_limit: (...args) => {
      const limit = integerArgument(args[1], 2, args.length);
      const offset = args[2] === undefined ? 0 : integerArgument(args[2], 3, args.length);
      return unpack(rt, textArgument(args[0], 1, args.length), limit, offset);
    },
  });
}

/** Without a limit and an offset everything is read; else the first result is where to go on, -1 at the end. */
function unpack(rt: Runtime, data: string, limit: number, offset: number): LuaResult {
  if (offset < 0 || limit < 0) fail(`Invalid request to unpack with offset of ${offset | 0} and limit of ${data.length}.`);
  if (offset > data.length) fail(`Start offset ${offset | 0} greater than input length ${data.length}.`);
  const all = limit === 0 && offset === 0;
  const reader = new MsgpackReader(rt, data, offset);
  const results: LuaValue[] = all ? [] : [-1];
  for (let count = 0; !reader.atEnd && (all || count < limit); count++) results.push(reader.read(1 + count));
  if (all) return results.length === 0 ? NONE : results;
  if (results.length + 1 > STACK_VALUES_MAX) fail("stack overflow (in function mp_unpack_full)");
  if (!reader.atEnd) results[0] = reader.position;
  return results;
}
