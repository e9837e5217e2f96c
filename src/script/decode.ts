import { Buffer } from "node:buffer";
import type { Reply } from "../client/index.ts";
import { show } from "../core/index.ts";
import type { Fields, ReplyType, Scalar, Type } from "./schema.ts";

/** Reads a reply as its type says, or throws a {@link ReplyMisfit}. */
export type Decode = (reply: Reply) => unknown;

/** A reply that is not what the script's header promises. */
export class ReplyMisfit {
  path = "";
  readonly expects: string;
  readonly reply: Reply;

  constructor(expects: string, reply: Reply) {
    this.expects = expects;
    this.reply = reply;
  }

  toString(): string {
    return `${this.path === "" ? "its reply" : `reply${this.path}`} should be ${this.expects}, but is ${show(this.reply)}`;
  }
}

/** Prepares the decoding of a script's reply. */
export function decoderOf(type: ReplyType): Decode {
  return typeof type === "object" && "outcomes" in type ? outcomes(type.outcomes) : decoder(type);
}

/** The same type with text where it has bytes. */
export function asText<T extends ReplyType>(type: T): T;
export function asText(type: ReplyType): ReplyType {
  if (typeof type === "string") return type === "bytes" ? "string" : type;
  if ("outcomes" in type) return { outcomes: mapValues(type.outcomes, (fields) => mapValues(fields, asText)) };
  if ("record" in type) return { record: mapValues(type.record, asText) };
  if ("nullable" in type) return { nullable: asText(type.nullable) };
  return "array" in type ? { array: asText(type.array) } : { hash: asText(type.hash) };
}

function mapValues<V>(values: { readonly [name: string]: V }, map: (value: V) => V): { [name: string]: V } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

/** Whether a reply holds bytes, so that the client must not turn it into text. */
export function holdsBytes(type: ReplyType): boolean {
  if (typeof type === "string") return type === "bytes";
  if ("outcomes" in type) return Object.values(type.outcomes).some((fields) => Object.values(fields).some(holdsBytes));
  if ("record" in type) return Object.values(type.record).some(holdsBytes);
  return holdsBytes("nullable" in type ? type.nullable : "array" in type ? type.array : type.hash);
}

function decoder(type: Type): Decode {
  if (typeof type === "string") return scalars[type];
  if ("nullable" in type) return nullable(decoder(type.nullable));
  if ("array" in type) return array(decoder(type.array));
  if ("hash" in type) return hash(decoder(type.hash));
  return record(type.record);
}

/** The text of a bulk string, whichever form the client gave it. */
function textOf(reply: Reply): string | undefined {
  if (typeof reply === "string") return reply;
  return reply instanceof Uint8Array ? Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString("utf8") : undefined;
}

/** A number that came as an integer, or as the digits that a command such as GET answers. */
function numberOf(reply: Reply): number {
  if (typeof reply === "number") return reply;
  const text = textOf(reply);
  return text === undefined || text.trim() === "" ? Number.NaN : Number(text);
}

function integer(expects: string): Decode {
  return (reply) => {
    const value = typeof reply === "bigint" ? Number(reply) : numberOf(reply);
    if (!Number.isSafeInteger(value)) throw new ReplyMisfit(expects, reply);
    return value;
  };
}

const scalars: Readonly<Record<Scalar, Decode>> = {
  string: (reply) => {
    const text = typeof reply === "number" ? String(reply) : textOf(reply);
    if (text === undefined) throw new ReplyMisfit("text", reply);
    return text;
  },
  bytes: (reply) => {
    if (reply instanceof Uint8Array) return reply;
    const text = textOf(reply);
    if (text === undefined) throw new ReplyMisfit("bytes", reply);
    return Buffer.from(text);
  },
  integer: integer("a whole number up to 2^53 - 1"),
  duration: integer("whole milliseconds"),
  instant: integer("whole milliseconds since 1970"),
  number: (reply) => {
    const value = numberOf(reply);
    if (!Number.isFinite(value)) throw new ReplyMisfit("a number", reply);
    return value;
  },
  bigint: (reply) => {
    if (typeof reply === "bigint" || typeof reply === "number") return BigInt(reply);
    const text = textOf(reply);
    if (text === undefined || !/^-?\d+$/.test(text)) throw new ReplyMisfit("a whole number", reply);
    return BigInt(text);
  },
  // Lua's `false` arrives as null, `true` as 1.
  boolean: (reply) => {
    const value = reply === null ? 0 : numberOf(reply);
    if (value !== 0 && value !== 1) throw new ReplyMisfit("true or false", reply);
    return value === 1;
  },
  json: (reply) => {
    const text = textOf(reply);
    try {
      if (text !== undefined) return JSON.parse(text);
    } catch {}
    throw new ReplyMisfit("JSON", reply);
  },
};

function nullable(decode: Decode): Decode {
  return (reply) => (reply === null || reply === undefined ? null : decode(reply));
}

function array(decode: Decode): Decode {
  return (reply) => {
    if (!Array.isArray(reply)) throw new ReplyMisfit("an array", reply);
    const values = new Array<unknown>(reply.length);
    let index = 0;
    try {
      for (; index < reply.length; index++) values[index] = decode(reply[index]);
    } catch (error) {
      throw within(error, `[${index}]`);
    }
    return values;
  };
}

function hash(decode: Decode): Decode {
  return (reply) => {
    if (!Array.isArray(reply) || reply.length % 2 !== 0) throw new ReplyMisfit("fields and values by turns", reply);
    const values: Record<string, unknown> = {};
    for (let index = 0; index < reply.length; index += 2) {
      const field = textOf(reply[index]) ?? String(reply[index]);
      try {
        // `__proto__` as a field of user data must not become the prototype.
        if (field === "__proto__") Object.defineProperty(values, field, { value: decode(reply[index + 1]), enumerable: true });
        else values[field] = decode(reply[index + 1]);
      } catch (error) {
        throw within(error, `.${field}`);
      }
    }
    return values;
  };
}

function record(fields: Fields): Decode {
  const read = fieldsReader(fields);
  return (reply) => {
    if (!Array.isArray(reply)) throw new ReplyMisfit("an array", reply);
    return read({}, reply, 0);
  };
}

function outcomes(variants: { readonly [outcome: string]: Fields }): Decode {
  const readers = new Map(Object.entries(variants).map(([word, fields]) => [word, fieldsReader(fields)]));
  const words = [...readers.keys()].map((word) => `"${word}"`).join(", ");
  return (reply) => {
    const outcome = Array.isArray(reply) ? textOf(reply[0]) : undefined;
    const read = readers.get(outcome ?? "");
    if (outcome === undefined || read === undefined) throw new ReplyMisfit(`an array that begins with one of ${words}`, reply);
    return read({ outcome }, reply as readonly Reply[], 1);
  };
}

/** Reads fields that stand one after the other from `start`. What a Lua table lost at its end is missing, hence null. */
function fieldsReader(fields: Fields): (into: Record<string, unknown>, reply: readonly Reply[], start: number) => unknown {
  const names = Object.keys(fields);
  const decoders = names.map((name) => decoder(fields[name] as Type));
  return (into, reply, start) => {
    if (reply.length > start + names.length) throw new ReplyMisfit(`an array of ${start + names.length} at most`, reply);
    let index = 0;
    try {
      for (; index < names.length; index++) {
        into[names[index] as string] = (decoders[index] as Decode)(reply[start + index] ?? null);
      }
    } catch (error) {
      throw within(error, `.${names[index]}`);
    }
    return into;
  };
}

function within(error: unknown, step: string): unknown {
  if (error instanceof ReplyMisfit) error.path = step + error.path;
  return error;
}
