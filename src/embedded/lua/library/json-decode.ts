import { readNumber } from "../../number/index.ts";
import type { Runtime } from "../runtime.ts";
import { LuaTable } from "../table.ts";
import type { LightUserdata, LuaValue } from "../value.ts";
import { fail } from "./arguments.ts";
import type { JsonSettings } from "./json-settings.ts";
import { JsonStringReader } from "./json-string.ts";

/** How many values a C function of Lua may have on its stack. */
const STACK_VALUES_MAX = 8_000;

/** What an error calls the signs of JSON. */
const marks: Readonly<Record<string, string>> = {
  "{": "T_OBJ_BEGIN",
  "}": "T_OBJ_END",
  "[": "T_ARR_BEGIN",
  "]": "T_ARR_END",
  ",": "T_COMMA",
  ":": "T_COLON",
};

/**
 * Reads one JSON text as `cjson.decode` does: null as `nothing`, lists and objects as tables. A NUL ends the text, and every byte
 * above 127 stays as it is.
 *
 * @throws {LuaError} `Expected comma or array end but found T_END at character 3` and its kind
 */
export function decode(rt: Runtime, settings: JsonSettings, text: string, nothing: LightUserdata): LuaValue {
  if (text.length >= 2 && (text.charCodeAt(0) === 0 || text.charCodeAt(1) === 0)) {
    fail("JSON parser does not support UTF-16 or UTF-32");
  }
  return new JsonDecoder(rt, settings, text, nothing).decode();
}

class JsonDecoder {
  readonly #rt: Runtime;
  readonly #settings: JsonSettings;
  readonly #text: string;
  readonly #nothing: LightUserdata;
  readonly #strings: JsonStringReader;
  #at = 0;
  #depth = 0;

  constructor(rt: Runtime, settings: JsonSettings, text: string, nothing: LightUserdata) {
    this.#rt = rt;
    this.#settings = settings;
    this.#text = text;
    this.#nothing = nothing;
    this.#strings = new JsonStringReader(text);
  }

  decode(): LuaValue {
    const value = this.#value(1);
    const code = this.#skipBlanks();
    return code === 0 ? value : this.#unexpected("the end");
  }

  /** The code of the next character that is no blank; 0 at the end and for a NUL. */
  #skipBlanks(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code || 0;
      this.#at++;
    }
  }

  /** @param stack how many values Lua's stack would hold by now */
  #value(stack: number): LuaValue {
    const code = this.#skipBlanks();
    switch (code) {
      case 34:
        return this.#string("value");
      case 123:
        return this.#object(stack);
      case 91:
        return this.#array(stack);
      case 116:
        return this.#word("true", true);
      case 102:
        return this.#word("false", false);
      case 110:
        return this.#text.startsWith("null", this.#at) ? this.#word("null", this.#nothing) : this.#number(code);
      default:
        return this.#number(code);
    }
  }

  #word(word: string, value: LuaValue): LuaValue {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected("value");
    this.#at += word.length;
    return value;
  }

  #number(code: number): LuaValue {
    const text = this.#text;
    // Most numbers are short and whole.
    if (code >= 49 && code <= 57) {
      let value = code - 48;
      let at = this.#at + 1;
      let next = text.charCodeAt(at);
      for (; next >= 48 && next <= 57 && value < 1e14; next = text.charCodeAt(++at)) value = value * 10 + next - 48;
      if (next === 44 || next === 125 || next === 93) {
        this.#at = at;
        return value;
      }
    }
    const read = this.#isNumber(code) ? readNumber(text, this.#at) : undefined;
    if (read === undefined) return this.#unexpected("value");
    this.#at = read.end;
    return read.value;
  }

  /** A number starts here, as far as the settings allow it. */
  #isNumber(code: number): boolean {
    const digit = code === 45 || (code >= 48 && code <= 57);
    return this.#settings.decodeInvalid ? digit || this.#isUnusual() : digit && !this.#isUnusual();
  }

  /** Numbers that JSON does not have: `+1`, `01`, `0x1`, `inf` and `nan`. */
  #isUnusual(): boolean {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    if (code === 43) return true;
    if (code === 45) code = text.charCodeAt(++at);
    if (code === 48) {
      const next = text.charCodeAt(at + 1);
      return (next | 32) === 120 || (next >= 48 && next <= 57);
    }
    if (!(code > 57)) return false;
    const word = text.slice(at, at + 3).toLowerCase();
    return word === "inf" || word === "nan";
  }

  #string(expected: string): string {
    const read = this.#strings.read(this.#at);
    if (read === undefined) return this.#unexpected(expected);
    this.#at = this.#strings.end;
    return read;
  }

  #descend(stack: number, slots: number): void {
    this.#at++;
    this.#rt.tick(1);
    if (++this.#depth > this.#settings.decodeDepth || stack + slots > STACK_VALUES_MAX) {
      fail(`Found too many nested data structures (${this.#depth}) at character ${this.#at}`);
    }
  }

  #object(stack: number): LuaTable {
    this.#descend(stack, 3);
    const table = new LuaTable();
    let code = this.#skipBlanks();
    if (code !== 125) {
      for (;;) {
        if (code !== 34) this.#unexpected("object key string");
        const key = this.#string("object key string");
        if (this.#skipBlanks() !== 58) this.#unexpected("colon");
        this.#at++;
        table.set(key, this.#value(stack + 2));
        code = this.#skipBlanks();
        if (code === 125) break;
        if (code !== 44) this.#unexpected("comma or object end");
        this.#at++;
        code = this.#skipBlanks();
      }
    }
    this.#at++;
    this.#depth--;
    return table;
  }

  #array(stack: number): LuaTable {
    this.#descend(stack, 2);
    const values: LuaValue[] = [];
    if (this.#skipBlanks() !== 93) {
      for (;;) {
        values.push(this.#value(stack + 1));
        const code = this.#skipBlanks();
        if (code === 93) break;
        if (code !== 44) this.#unexpected("comma or array end");
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
    this.#rt.tick(values.length);
    return new LuaTable(values);
  }

  /** Raises what is wrong with the token that stands where another one should. */
  #unexpected(expected: string): never {
    const code = this.#skipBlanks();
    const [found, at] = this.#describe(code);
    fail(`Expected ${expected} but found ${found} at character ${at + 1}`);
  }

  #describe(code: number): readonly [string, number] {
    const at = this.#at;
    if (code === 0) return ["T_END", at];
    const mark = marks[String.fromCharCode(code)];
    if (mark !== undefined) return [mark, at];
    if (code === 34) {
      if (this.#strings.read(at) !== undefined) return ["T_STRING", at];
      return [this.#strings.trouble, this.#strings.end];
    }
    if (this.#text.startsWith("true", at) || this.#text.startsWith("false", at)) return ["T_BOOLEAN", at];
    if (this.#text.startsWith("null", at)) return ["T_NULL", at];
    if (code === 45 || (code >= 48 && code <= 57) || this.#isNumber(code)) {
      return [this.#isNumber(code) && readNumber(this.#text, at) !== undefined ? "T_NUMBER" : "invalid number", at];
    }
    return ["invalid token", at];
  }
}
