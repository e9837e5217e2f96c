import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import type { LuaValue } from "../value.ts";

/** Tables deeper than this are packed as nil. */
const NESTING_MAX = 16;

const view = new DataView(new ArrayBuffer(9));

/** A Lua value as MessagePack. What has no form there, a function say, becomes nil. */
export function packValue(rt: Runtime, value: LuaValue, depth: number): string {
  switch (typeof value) {
    case "string":
      return lengthHead(value.length, 0xa0, 31, 0xd9, 0xda) + value;
    case "number":
      return packNumber(value);
    case "boolean":
      return value ? "\xc3" : "\xc2";
    case "object":
      return value instanceof LuaTable && depth < NESTING_MAX ? packTable(rt, value, depth + 1) : "\xc0";
    default:
      return "\xc0";
  }
}

/** A table is an array if its keys are 1…n and nothing else; the empty one is, too. */
function packTable(rt: Runtime, table: LuaTable, depth: number): string {
  let count = 0;
  let largest = 0;
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    const key = table.keyAt(place);
    count++;
    if (typeof key !== "number" || key <= 0 || !Number.isInteger(key) || key >= 2 ** 63) largest = Number.POSITIVE_INFINITY;
    else if (key > largest) largest = key;
  }
  rt.tick(count);
  let packed: string;
  if (largest === count) {
    packed = lengthHead(count, 0x90, 15, 0, 0xdc);
    for (let index = 1; index <= count; index++) packed += packValue(rt, table.getInt(index), depth);
    return packed;
  }
  packed = lengthHead(count, 0x80, 15, 0, 0xde);
  for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
    packed += packValue(rt, table.keyAt(place), depth) + packValue(rt, table.valueAt(place), depth);
  }
  return packed;
}

/** The head of a text, array or map: short, then with one byte (if there is such a form), two, four. */
function lengthHead(length: number, short: number, shortMax: number, one: number, two: number): string {
  if (length <= shortMax) return String.fromCharCode(short | length);
  if (one !== 0 && length <= 0xff) return String.fromCharCode(one, length);
  if (length <= 0xffff) return String.fromCharCode(two, length >> 8, length & 0xff);
  view.setUint32(1, length);
  return bytes(two + 1, 4);
}

function packNumber(value: number): string {
  if (!Number.isInteger(value) || value >= 2 ** 63 || value < -(2 ** 63)) return packFloat(value);
  if (value >= 0) {
    if (value <= 0x7f) return String.fromCharCode(value);
    if (value <= 0xff) return String.fromCharCode(0xcc, value);
    if (value <= 0xffff) return String.fromCharCode(0xcd, value >> 8, value & 0xff);
    if (value <= 0xffffffff) {
      view.setUint32(1, value);
      return bytes(0xce, 4);
    }
    view.setBigUint64(1, BigInt(value));
    return bytes(0xcf, 8);
  }
  if (value >= -32) return String.fromCharCode(value & 0xff);
  if (value >= -0x80) return String.fromCharCode(0xd0, value & 0xff);
  if (value >= -0x8000) return String.fromCharCode(0xd1, (value >> 8) & 0xff, value & 0xff);
  if (value >= -0x80000000) {
    view.setInt32(1, value);
    return bytes(0xd2, 4);
  }
  view.setBigInt64(1, BigInt(value));
  return bytes(0xd3, 8);
}

/** In four bytes where that is exact. */
function packFloat(value: number): string {
  if (Math.fround(value) === value) {
    view.setFloat32(1, value);
    return bytes(0xca, 4);
  }
  view.setFloat64(1, value);
  // The NaN of x86 processors has its sign set, which JavaScript does not keep.
  if (Number.isNaN(value)) view.setUint16(1, 0xfff8);
  return bytes(0xcb, 8);
}

function bytes(head: number, count: number): string {
  let text = String.fromCharCode(head);
  for (let index = 1; index <= count; index++) text += String.fromCharCode(view.getUint8(index));
  return text;
}
