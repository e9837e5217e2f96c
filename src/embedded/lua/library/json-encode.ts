import { formatFloat, formatNumber14 } from "../../number/index.ts";
import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import { LightUserdata, type LuaValue, typeName } from "../value.ts";
import { fail } from "./arguments.ts";
import type { JsonSettings } from "./json-settings.ts";

/** How each byte is written that cannot stand for itself in a JSON text. */
const escapes: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const short = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 47: "\\/", 92: "\\\\" }[code];
  if (short !== undefined) return short;
  return code < 32 || code === 127 ? `\\u00${code.toString(16).padStart(2, "0")}` : undefined;
});

/** Writes Lua values as `cjson.encode` does: `/` as `\/`, numbers with 14 digits, the empty table as `{}`, bytes as they are. */
export class JsonEncoder {
  readonly #rt: Runtime;
  readonly #settings: JsonSettings;

  constructor(rt: Runtime, settings: JsonSettings) {
    this.#rt = rt;
    this.#settings = settings;
  }

  /** @throws {LuaError} "Cannot serialise function: type not supported" and its kind */
  encode(value: LuaValue): string {
    return this.#value(value, 0);
  }

  #value(value: LuaValue, depth: number): string {
    switch (typeof value) {
      case "string":
        // A text that holds what was encoded before doubles with each turn: so that somebody looks at the heap in time.
        if (value.length > 1024) this.#rt.tick(4 * value.length);
        return quote(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return value ? "true" : "false";
      case "undefined":
        return "null";
      default:
        if (value instanceof LuaTable) return this.#table(value, depth + 1);
        return value instanceof LightUserdata ? "null" : refuse(value, "type not supported");
    }
  }

  #table(table: LuaTable, depth: number): string {
    if (depth > this.#settings.encodeDepth) fail(`Cannot serialise, excessive nesting (${depth})`);
    const length = this.#arrayLength(table);
    return length > 0 ? this.#array(table, length, depth) : this.#object(table, depth);
  }

  #array(table: LuaTable, length: number, depth: number): string {
    this.#rt.tick(length);
    let json = `[${this.#value(table.getInt(1), depth)}`;
    for (let index = 2; index <= length; index++) json += `,${this.#value(table.getInt(index), depth)}`;
    return `${json}]`;
  }

  #object(table: LuaTable, depth: number): string {
    let json = "{";
    for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
      if (json.length > 1) json += ",";
      const key = table.keyAt(place);
      if (typeof key === "string") json += quote(key);
      else if (typeof key === "number") json += `"${this.#number(key)}"`;
      else refuse(key, "table key must be a number or string");
      json += `:${this.#value(table.valueAt(place), depth)}`;
      this.#rt.tick(1);
    }
    return `${json}}`;
  }

  /** The largest key if all are whole numbers from 1, else -1. */
  #arrayLength(table: LuaTable): number {
    let largest = 0;
    let count = 0;
    if (table.keys.length === 0 && !table.array.includes(undefined)) return table.array.length;
    for (let place = table.placeFrom(0); place >= 0; place = table.placeFrom(place + 1)) {
      const key = table.keyAt(place);
      if (typeof key !== "number" || key < 1 || Math.floor(key) !== key) return -1;
      count++;
      // A key that no C int can hold becomes the smallest one, so it does not count.
      if (key > largest) largest = key < 2 ** 31 ? key : -(2 ** 31);
    }
    const { sparseRatio, sparseSafe, convertSparse } = this.#settings;
    if (sparseRatio > 0 && largest > count * sparseRatio && largest > sparseSafe) {
      return convertSparse ? -1 : refuse(table, "excessively sparse array");
    }
    return largest;
  }

  #number(value: number): string {
    if (!Number.isFinite(value)) {
      const { encodeInvalid } = this.#settings;
      if (encodeInvalid === "null") return "null";
      if (!encodeInvalid) refuse(value, "must not be NaN or Inf");
      return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    const { precision } = this.#settings;
    if (precision === 14) return formatNumber14(value);
    return formatFloat("g", value, {
      left: false,
      plus: false,
      space: false,
      alternate: false,
      zero: false,
      width: 0,
      precision,
    });
  }
}

function refuse(value: LuaValue, reason: string): never {
  fail(`Cannot serialise ${typeName(value)}: ${reason}`);
}

function quote(text: string): string {
  let json = '"';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const escaped = escapes[text.charCodeAt(at)];
    if (escaped === undefined) continue;
    json += text.slice(copied, at) + escaped;
    copied = at + 1;
  }
  return copied === 0 ? `"${text}"` : `${json}${text.slice(copied)}"`;
}
