import { LuaError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import type { LuaValue } from "../value.ts";
import { fail } from "./arguments.ts";

/** How many values a C function of Lua may have on its stack. */
const STACK_VALUES_MAX = 8_000;

const view = new DataView(new ArrayBuffer(8));

/**
 * Reads MessagePack values one after another.
 *
 * @throws {LuaError} "Missing bytes in input.", "Bad data format in input.", and a full stack for what is nested too deep
 */
export class MsgpackReader {
  readonly #rt: Runtime;
  readonly #data: string;
  /** Where the next value starts. */
  position: number;

  constructor(rt: Runtime, data: string, position: number) {
    this.#rt = rt;
    this.#data = data;
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.#data.length;
  }

  /** @param stack how many values Lua's stack would hold by now */
  read(stack: number): LuaValue {
    if (stack + 1 > STACK_VALUES_MAX) {
      fail("stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)");
    }
    const head = this.#byte();
    if (head <= 0x7f) return head;
    if (head >= 0xe0) return head - 256;
    if (head <= 0x8f) return this.#map(head & 15, stack);
    if (head <= 0x9f) return this.#array(head & 15, stack);
    if (head <= 0xbf) return this.#text(head & 31);
    switch (head) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xd9:
        return this.#text(this.#byte());
      case 0xda:
        return this.#text(this.#unsigned(2));
      case 0xdb:
        return this.#text(this.#unsigned(4));
      case 0xdc:
        return this.#array(this.#unsigned(2), stack);
      case 0xdd:
        return this.#array(this.#unsigned(4), stack);
      case 0xde:
        return this.#map(this.#unsigned(2), stack);
      case 0xdf:
        return this.#map(this.#unsigned(4), stack);
      default:
        return this.#number(head);
    }
  }

  #number(head: number): number {
    switch (head) {
      case 0xca:
        this.#load(4);
        return view.getFloat32(0);
      case 0xcb:
        this.#load(8);
        return view.getFloat64(0);
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xd0:
        this.#load(1);
        return view.getInt8(0);
      case 0xd1:
        this.#load(2);
        return view.getInt16(0);
      case 0xd2:
        this.#load(4);
        return view.getInt32(0);
      // Redis hands unsigned integers of 64 bits to Lua as signed ones.
      case 0xcf:
      case 0xd3:
        this.#load(8);
        return Number(view.getBigInt64(0));
      default:
        return fail("Bad data format in input.");
    }
  }

  #array(length: number, stack: number): LuaTable {
    if (stack + 2 > STACK_VALUES_MAX) fail("stack overflow (in function mp_decode_to_lua_array)");
    const table = new LuaTable();
    for (let index = 1; index <= length; index++) {
      this.#rt.tick(1);
      table.setInt(index, this.read(stack + 2));
    }
    return table;
  }

  #map(length: number, stack: number): LuaTable {
    const table = new LuaTable();
    for (let count = 0; count < length; count++) {
      this.#rt.tick(1);
      const key = this.read(stack + 1);
      const value = this.read(stack + 2);
      if (key === undefined) throw new LuaError("table index is nil");
      if (Number.isNaN(key)) throw new LuaError("table index is NaN");
      table.set(key, value);
    }
    return table;
  }

  #text(length: number): string {
    const start = this.#skip(length);
    return this.#data.slice(start, start + length);
  }

  #byte(): number {
    return this.#data.charCodeAt(this.#skip(1));
  }

  #unsigned(count: number): number {
    const start = this.#skip(count);
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 256 + this.#data.charCodeAt(start + index);
    return value;
  }

  #load(count: number): void {
    const start = this.#skip(count);
    for (let index = 0; index < count; index++) view.setUint8(index, this.#data.charCodeAt(start + index));
  }

  #skip(count: number): number {
    const start = this.position;
    if (count > this.#data.length - start) fail("Missing bytes in input.");
    this.position = start + count;
    return start;
  }
}
