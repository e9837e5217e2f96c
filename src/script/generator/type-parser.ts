import { nearest } from "../../core/index.ts";
import type { Fields, Scalar, Type } from "../index.ts";

const scalars: readonly Scalar[] = ["string", "bytes", "integer", "number", "bigint", "boolean", "json", "duration", "instant"];

/** A part of a header that cannot be understood. The message says how to write it. */
export class HeaderTextError extends Error {}

/** Reads the types of a header from left to right; what is left afterwards is prose. */
export class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `string`, `bytes?`, `{id: string, score: number}[]`, `hash<bytes>`. */
  type(): Type {
    let type = this.#primary();
    for (;;) {
      if (this.take("[]")) type = { array: type };
      else if (this.take("?")) {
        if (typeof type === "object" && "nullable" in type) throw new HeaderTextError('"??" says nullable twice: write one "?"');
        type = { nullable: type };
      } else return type;
    }
  }

  /** `id: string, payload: bytes`, up to `end` or as far as it goes. */
  fields(): Fields {
    const fields: Record<string, Type> = {};
    do {
      const name = this.word();
      if (name === undefined) throw new HeaderTextError(`a field is "name: type", not ${this.#shown()}`);
      if (this.take("?")) throw new HeaderTextError(`in a record the "?" stands behind the type: write "${name}: string?"`);
      if (!this.take(":")) throw new HeaderTextError(`the field "${name}" has no type: write "${name}: string"`);
      const property = propertyName(name);
      if (Object.hasOwn(fields, property)) throw new HeaderTextError(`the field "${name}" is declared twice`);
      fields[property] = this.type();
    } while (this.take(","));
    return fields;
  }

  /** A text in quotes, or `undefined` if there is none here. */
  quoted(): string | undefined {
    return this.#match(/"([^"]*)"/y);
  }

  /** A name, or `undefined` if there is none here. */
  word(): string | undefined {
    return this.#match(/([A-Za-z_]\w*)/y);
  }

  /** Steps over a mark, if it comes next. */
  take(mark: string): boolean {
    this.#match(/\s*/y);
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** All that was not read. */
  rest(): string {
    return this.#text.slice(this.#at).trim();
  }

  #primary(): Type {
    if (this.take("{")) {
      const record = this.fields();
      if (!this.take("}")) throw new HeaderTextError(`a record ends with "}", not ${this.#shown()}`);
      return { record };
    }
    const name = this.word();
    if (name === undefined) throw new HeaderTextError(`a type is missing before ${this.#shown()}: one of ${scalars.join(", ")}`);
    if (name === "hash") return this.#hash();
    const scalar = scalars.find((each) => each === name);
    if (scalar !== undefined) return scalar;
    const near = nearest(name, [...scalars, "hash"]);
    const hint =
      near === undefined ? `Types are ${scalars.join(", ")}, hash<T>, {name: T}, T[] and T?.` : `Did you mean "${near}"?`;
    throw new HeaderTextError(`there is no type "${name}". ${hint}`);
  }

  #hash(): Type {
    if (!this.take("<")) throw new HeaderTextError('"hash" says what its values are: write "hash<string>"');
    const hash = this.type();
    if (!this.take(">")) throw new HeaderTextError(`"hash<" ends with ">", not ${this.#shown()}`);
    return { hash };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    while (/\s/.test(this.#text[pattern.lastIndex] ?? "")) pattern.lastIndex++;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[1];
  }

  #shown(): string {
    const rest = this.rest();
    return rest === "" ? "the end of the line" : `"${rest.slice(0, 30)}"`;
  }
}

/** A name as TypeScript calls it. What would begin with a digit there (`_2fa_code`) is refused. */
export function propertyName(name: string): string {
  const property = camelCase(name);
  if (!/^\d/.test(property)) return property;
  throw new HeaderTextError(`"${name}" would be "${property}" in TypeScript, which is no name: begin it with a letter`);
}

/** `ttl_ms`, `claim-next` → `ttlMs`, `claimNext`. */
export function camelCase(name: string): string {
  return name.replace(/[_-]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}
