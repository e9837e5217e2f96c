import { parseNumber } from "../../number/index.ts";
import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import type { LuaResult, LuaValue } from "../value.ts";
import { badArgument, fail, integerArgument, numberArgument, textArgument, toInteger } from "./arguments.ts";
import { tableOf } from "./function-table.ts";
import { StructFormat } from "./struct-format.ts";

/** How many values a C function of Lua may have on its stack, its arguments included. */
const STACK_VALUES_MAX = 8_000;

/** The library `struct`: numbers and texts as C would lay them out. */
export function structLibrary(rt: Runtime): LuaTable {
  return tableOf({
    pack: (...args) => pack(rt, args),
    unpack: (...args) => unpack(rt, args),
    size: (...args) => sizeOf(textArgument(args[0], 1, args.length)),
  });
}

const view = new DataView(new ArrayBuffer(8));

function pack(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const format = new StructFormat(textArgument(args[0], 1, args.length));
  let used = 1;
  let packed = "";
  while (format.next()) {
    rt.tick(1);
    packed += "\0".repeat(format.padding(packed.length));
    const { option, size } = format;
    const value = args[used];
    switch (option) {
      case "x":
        packed += "\0";
        continue;
      case "f":
      case "d":
        packed += floatBytes(numberArgument(value, ++used, used), size, format.bigEndian);
        continue;
      case "c":
      case "s": {
        const text = textArgument(value, ++used, used);
        // The position in this error is one too high in Redis, so it is here.
        if (size > text.length) badArgument(used + 1, "string too short");
        packed += option === "s" ? `${text}\0` : size === 0 ? text : text.slice(0, size);
        continue;
      }
    }
    if (isInteger(option)) packed += integerBytes(numberArgument(value, ++used, used), size, format.bigEndian);
    else format.control();
  }
  return packed;
}

function isInteger(option: string): boolean {
  return "bBhHlLTiI".includes(option);
}

function integerBytes(value: number, size: number, bigEndian: boolean): string {
  // Negative numbers as a C long, others as an unsigned one; beyond 8 bytes there are only zeros.
  const bits = value < 0 ? BigInt(toInteger(value)) : value >= 2 ** 64 ? 0n : BigInt(value >= 2 ** 63 ? value : toInteger(value));
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  let bytes = "";
  for (let index = 0; index < size; index++) {
    const byte = index < 8 ? String.fromCharCode(view.getUint8(index)) : "\0";
    bytes = bigEndian ? byte + bytes : bytes + byte;
  }
  return bytes;
}

function floatBytes(value: number, size: number, bigEndian: boolean): string {
  if (Number.isNaN(value)) view.setUint32(0, 0);
  if (size === 4) view.setFloat32(0, value, !bigEndian);
  else view.setFloat64(0, value, !bigEndian);
  // The NaN of x86 processors has its sign set, which JavaScript does not keep.
  if (Number.isNaN(value)) view.setUint8(bigEndian ? 0 : size - 1, 0xff);
  let bytes = "";
  for (let index = 0; index < size; index++) bytes += String.fromCharCode(view.getUint8(index));
  return bytes;
}

function unpack(rt: Runtime, args: readonly LuaValue[]): LuaResult {
  const format = new StructFormat(textArgument(args[0], 1, args.length));
  const data = textArgument(args[1], 2, args.length);
  const start = args[2] === undefined ? 1 : integerArgument(args[2], 3, args.length);
  if (start === 0) badArgument(3, "offset must be 1 or greater");
  let at = start - 1;
  const results: LuaValue[] = [];
  while (format.next()) {
    rt.tick(1);
    const { option } = format;
    let { size } = format;
    at += format.padding(at);
    // A negative offset is a very large one in C.
    if (at < 0 || at + size > data.length) badArgument(2, "data string too short");
    if (args.length + results.length + 2 > STACK_VALUES_MAX) fail("stack overflow (too many results)");
    if (option === "f" || option === "d") results.push(readFloat(data, at, size, format.bigEndian));
    else if (option === "c") {
      if (size === 0) size = previousSize(results, data.length - at);
      results.push(data.slice(at, at + size));
    } else if (option === "s") {
      const end = data.indexOf("\0", at);
      if (end < 0) fail("unfinished string in data");
      results.push(data.slice(at, end));
      size = end + 1 - at;
    } else if (isInteger(option)) results.push(readInteger(data, at, size, format.bigEndian, option > "Z"));
    else if (option !== "x") format.control();
    at += size;
  }
  results.push(at + 1);
  return results;
}

/** `c0` takes its size from the number before it, which is no result then. */
function previousSize(results: LuaValue[], left: number): number {
  const last = results[results.length - 1];
  const number = typeof last === "string" ? parseNumber(last) : last;
  if (typeof number !== "number") fail("format 'c0' needs a previous size");
  results.pop();
  // As C makes an unsigned integer of it: what is negative is very large, and from 2^64 on it is 0.
  const size = number >= 2 ** 64 ? 0 : Math.trunc(number);
  return size >= 0 && size <= left ? size : badArgument(2, "data string too short");
}

function readInteger(data: string, at: number, size: number, bigEndian: boolean, signed: boolean): number {
  if (size <= 4) return readSmall(data, at, size, bigEndian, signed);
  let bits = 0n;
  for (let index = 0; index < size; index++) {
    const byte = data.charCodeAt(bigEndian ? at + index : at + size - 1 - index);
    bits = BigInt.asUintN(64, (bits << 8n) | BigInt(byte));
  }
  if (!signed) return Number(bits);
  // C shifts by the lower six bits only, which shows for sizes that are above 8 and not multiples of it.
  const sign = BigInt.asUintN(64, -1n << BigInt((size * 8 - 1) & 63));
  return Number(BigInt.asIntN(64, (bits & sign) !== 0n ? bits | sign : bits));
}

function readSmall(data: string, at: number, size: number, bigEndian: boolean, signed: boolean): number {
  let value = 0;
  for (let index = 0; index < size; index++) {
    value = value * 256 + data.charCodeAt(bigEndian ? at + index : at + size - 1 - index);
  }
  return signed && size > 0 && value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value;
}

function readFloat(data: string, at: number, size: number, bigEndian: boolean): number {
  for (let index = 0; index < size; index++) view.setUint8(index, data.charCodeAt(at + index));
  return size === 4 ? view.getFloat32(0, !bigEndian) : view.getFloat64(0, !bigEndian);
}

function sizeOf(text: string): LuaResult {
  const format = new StructFormat(text);
  let total = 0;
  while (format.next()) {
    const { option, size } = format;
    total += format.padding(total) + size;
    if (option === "s") badArgument(1, "option 's' has no fixed size");
    if (option === "c" && size === 0) badArgument(1, "option 'c0' has no fixed size");
    // Unlike the others, this function lets letters pass that mean nothing.
    if (!/[0-9A-Za-z]/.test(option)) format.control();
  }
  return total;
}
