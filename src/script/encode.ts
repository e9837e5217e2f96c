import type { Arg } from "../client/index.ts";
import { InvalidInputError, readMs, refuseUnknown, show } from "../core/index.ts";
import type { ArgType, Fields, Scalar, Type } from "./schema.ts";

/** Appends a value's words to a command. */
type Encode = (words: Arg[], value: unknown) => void;

/** Turns a call's named arguments into the words of ARGV. */
export type EncodeArgs = (words: Arg[], args: Readonly<Record<string, unknown>>) => void;

/** Why a value does not fit, with the path to it built on the way out: only a failing call pays for paths. */
class Misfit {
  path = "";
  readonly expects: string;
  readonly value: unknown;

  constructor(expects: string, value: unknown) {
    this.expects = expects;
    this.value = value;
  }
}

/**
 * Prepares the encoding of a script's arguments.
 *
 * @param owner name of the script, for errors
 */
export function encoderOf(owner: string, args: { readonly [name: string]: ArgType }): EncodeArgs {
  const names = Object.keys(args);
  const encoders = names.map((name) => argEncoder(args[name] as ArgType));
  return (words, given) => {
    if (typeof given !== "object" || given === null) throw unfit(`${owner}: the arguments`, "an object", given);
    let at = "";
    // Names that were left out: what is optional may be, and then a misspelt name hides in the count.
    let absent = 0;
    try {
      for (let index = 0; index < names.length; index++) {
        at = names[index] as string;
        const value = fieldOf(given, at);
        if (value === undefined && !Object.hasOwn(given, at)) absent++;
        (encoders[index] as Encode)(words, value);
      }
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      refuseUnknown(owner, given, names);
      throw unfit(`${owner}: ${at}${error.path}`, error.expects, error.value);
    }
    if (Object.keys(given).length > names.length - absent) refuseUnknown(owner, given, names);
  };
}

/** A field of an object. What every object brings along, such as `constructor`, is meant only where it is the object's own. */
function fieldOf(given: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = given[name];
  return typeof value === "function" && name in Object.prototype && !Object.hasOwn(given, name) ? undefined : value;
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}

function argEncoder(type: ArgType): Encode {
  return typeof type === "object" && "rest" in type ? items(encoder(type.rest), false) : encoder(type);
}

function encoder(type: Type): Encode {
  if (typeof type === "string") return scalars[type];
  if ("nullable" in type) return nullable(encoder(type.nullable));
  if ("array" in type) return items(encoder(type.array), true);
  if ("hash" in type) return hash(encoder(type.hash));
  return record(type.record);
}

/** Makes the encoder of a scalar from what it accepts and the word it becomes. */
function scalar(expects: string, word: (value: unknown) => Arg | undefined): Encode {
  return (words, value) => {
    const written = word(value);
    if (written === undefined) throw new Misfit(expects, value);
    words.push(written);
  };
}

const scalars: Readonly<Record<Scalar, Encode>> = {
  string: scalar("text", (value) => (typeof value === "string" ? value : undefined)),
  bytes: scalar("bytes or text", (value) => (typeof value === "string" || value instanceof Uint8Array ? value : undefined)),
  integer: scalar("a whole number up to 2^53 - 1", (value) => (Number.isSafeInteger(value) ? String(value) : undefined)),
  number: scalar("a finite number", (value) => (Number.isFinite(value) ? String(value) : undefined)),
  bigint: scalar("a bigint", (value) => (typeof value === "bigint" ? String(value) : undefined)),
  boolean: scalar("true or false", (value) => (typeof value === "boolean" ? (value ? "1" : "0") : undefined)),
  json: scalar("something that JSON can hold", (value) => {
    try {
      return JSON.stringify(value);
    } catch {
      // A bigint, or an object that holds itself.
      return undefined;
    }
  }),
  duration: scalar('a duration such as 1500 or "30s"', (value) => {
    const ms = readMs(value);
    return Number.isSafeInteger(ms) ? String(ms) : undefined;
  }),
  instant: scalar("a Date or whole milliseconds since 1970", (value) => {
    const ms = value instanceof Date ? value.getTime() : value;
    return Number.isSafeInteger(ms) ? String(ms) : undefined;
  }),
};

function nullable(encode: Encode): Encode {
  return (words, value) => {
    if (value === undefined || value === null) {
      words.push("");
      return;
    }
    const start = words.length;
    encode(words, value);
    // On the wire the empty word means "not given", so an empty text cannot be told from none.
    if (words.length === start + 1 && words[start]?.length === 0) {
      throw new Misfit("something, or left out", value);
    }
  };
}

function items(encode: Encode, counted: boolean): Encode {
  return (words, value) => {
    if (!Array.isArray(value)) throw new Misfit("an array", value);
    if (counted) words.push(String(value.length));
    let index = 0;
    try {
      for (; index < value.length; index++) encode(words, value[index]);
    } catch (error) {
      throw within(error, `[${index}]`);
    }
  };
}

function hash(encode: Encode): Encode {
  return (words, value) => {
    // A Map, a Set or bytes have no fields of their own: they would be sent as nothing.
    if (value === null || typeof value !== "object" || Symbol.iterator in value) throw new Misfit("an object of fields", value);
    const start = words.push("") - 1;
    let pairs = 0;
    let at = "";
    try {
      for (at in value) {
        words.push(at);
        encode(words, (value as Record<string, unknown>)[at]);
        pairs++;
      }
    } catch (error) {
      throw within(error, `.${at}`);
    }
    words[start] = String(pairs);
  };
}

function record(fields: Fields): Encode {
  const names = Object.keys(fields);
  const encoders = names.map((name) => encoder(fields[name] as Type));
  return (words, value) => {
    if (value === null || typeof value !== "object") throw new Misfit(`an object with ${names.join(", ")}`, value);
    let index = 0;
    try {
      for (; index < names.length; index++) {
        (encoders[index] as Encode)(words, fieldOf(value as Readonly<Record<string, unknown>>, names[index] as string));
      }
    } catch (error) {
      throw within(error, `.${names[index]}`);
    }
  };
}

function within(error: unknown, step: string): unknown {
  if (error instanceof Misfit) error.path = step + error.path;
  return error;
}
