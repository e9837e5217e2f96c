import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import { LightUserdata, type LuaResult, type LuaValue } from "../value.ts";
import { badArgument, badType, integerArgument, textArgument } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { decode } from "./json-decode.ts";
import { JsonEncoder } from "./json-encode.ts";
import type { JsonSettings } from "./json-settings.ts";

const INT_MAX = 2 ** 31 - 1;

/** `cjson.null`: what a JSON null is read as. One value for all engines, as it is one address in C. */
const jsonNull: LightUserdata = new LightUserdata("(nil)");

/** The library `cjson`. Its settings live as long as the engine, or the table that `cjson.new()` made. */
export function cjsonLibrary(rt: Runtime): LuaTable {
  const settings: JsonSettings = {
    convertSparse: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    precision: 14,
    keepBuffer: true,
    encodeInvalid: false,
    decodeInvalid: true,
  };
  const encoder = new JsonEncoder(rt, settings);
  return tableOf({
    _NAME: "cjson",
    _VERSION: "2.1.0",
    null: jsonNull,
    new: () => cjsonLibrary(rt),
    encode: (...args) => {
      if (args.length !== 1) badArgument(1, "expected 1 argument");
      return encoder.encode(args[0]);
    },
    decode: (...args) => {
      if (args.length !== 1) badArgument(1, "expected 1 argument");
      return decode(rt, settings, textArgument(args[0], 1, 1), jsonNull);
    },
    encode_sparse_array: (...args) => sparseSettings(settings, args),
    encode_max_depth: (...args) => numberSetting(settings, "encodeDepth", INT_MAX, args),
    decode_max_depth: (...args) => numberSetting(settings, "decodeDepth", INT_MAX, args),
    encode_number_precision: (...args) => numberSetting(settings, "precision", 14, args),
    encode_keep_buffer: (...args) => flagSetting(settings, "keepBuffer", args),
    encode_invalid_numbers: (...args) => {
      refuseMore(args, 1);
      if (args[0] === "null") settings.encodeInvalid = "null";
      else if (args[0] !== undefined) settings.encodeInvalid = flag(args[0], 1);
      return settings.encodeInvalid;
    },
    decode_invalid_numbers: (...args) => flagSetting(settings, "decodeInvalid", args),
  });
}

function refuseMore(args: readonly LuaValue[], most: number): void {
  if (args.length > most) badArgument(most + 1, "found too many arguments");
}

function sparseSettings(settings: JsonSettings, args: readonly LuaValue[]): LuaResult {
  refuseMore(args, 3);
  if (args[0] !== undefined) settings.convertSparse = flag(args[0], 1);
  if (args[1] !== undefined) settings.sparseRatio = ranged(args[1], 2, 0, INT_MAX);
  if (args[2] !== undefined) settings.sparseSafe = ranged(args[2], 3, 0, INT_MAX);
  return [settings.convertSparse, settings.sparseRatio, settings.sparseSafe];
}

type NumberSetting = "encodeDepth" | "decodeDepth" | "precision";

function numberSetting(settings: JsonSettings, name: NumberSetting, most: number, args: readonly LuaValue[]): LuaResult {
  refuseMore(args, 1);
  if (args[0] !== undefined) settings[name] = ranged(args[0], 1, 1, most);
  return settings[name];
}

function flagSetting(settings: JsonSettings, name: "keepBuffer" | "decodeInvalid", args: readonly LuaValue[]): LuaResult {
  refuseMore(args, 1);
  if (args[0] !== undefined) settings[name] = flag(args[0], 1);
  return settings[name];
}

/** The error names the first argument, whichever it is. */
function ranged(value: LuaValue, position: number, least: number, most: number): number {
  const number = integerArgument(value, position, position);
  if (number < least || number > most) badArgument(1, `expected integer between ${least} and ${most}`);
  return number;
}

function flag(value: LuaValue, position: number): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && typeof value !== "number") badType(position, position, "string", value);
  if (value === "on") return true;
  return value === "off" ? false : badArgument(position, `invalid option '${textArgument(value, position, position)}'`);
}
