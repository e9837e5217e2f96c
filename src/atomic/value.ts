import { Buffer } from "node:buffer";
import { InvalidInputError, messageOf, show } from "../core/index.ts";
import type { RunOptions } from "../script/index.ts";
import { ValueError } from "./errors.ts";

/** How values become bytes and back. */
export interface Codec<T> {
  /**
   * What it encodes is always text in UTF-8. It is then given text to decode instead of bytes, which a client makes much
   * faster. @default false
   */
  readonly text?: boolean;
  encode(value: T): Uint8Array | string;
  /** Reads what `encode` made. */
  decode(stored: Uint8Array | string): T;
}

/** Text in UTF-8, as it is: the default. */
export const text: Codec<string> = {
  text: true,
  encode: (value) => {
    if (typeof value === "string") return value;
    throw new TypeError("a value is text, unless a codec is given: { codec: json() }");
  },
  decode: textOf,
};

/** Bytes as they are. Text is taken as UTF-8. */
export const bytes: Codec<Uint8Array> = {
  encode: (value) => {
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    throw new TypeError("the bytes codec takes a Uint8Array or text");
  },
  decode: (stored) => (typeof stored === "string" ? Buffer.from(stored) : stored),
};

/**
 * JSON in UTF-8, with the fields of objects in the order of their names, so that equal values are equal bytes: that is what
 * `compareAndSwap` compares.
 *
 * @example
 * const user = await getAndExtendExpiration(redis, "user:1", { ttl: "30m", codec: json<User>() });
 */
export function json<T = unknown>(): Codec<T> {
  return canonical as Codec<T>;
}

const canonical: Codec<unknown> = {
  text: true,
  encode: (value) => {
    const written = JSON.stringify(value, inOrder) as string | undefined;
    if (written === undefined) throw new TypeError(`JSON cannot hold ${show(value)}`);
    return written;
  },
  decode: (stored) => JSON.parse(textOf(stored)),
};

function inOrder(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, fields[name]]),
  );
}

/**
 * What a codec makes of a value.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if it cannot
 */
export function encoded<T>(codec: Codec<T>, field: string, value: T): Uint8Array | string {
  try {
    return codec.encode(value);
  } catch (error) {
    throw new InvalidInputError(
      "INPUT_INVALID",
      field,
      `${field} cannot be encoded: ${error instanceof Error ? error.message : messageOf(error)}.`,
    );
  }
}

/**
 * What a codec reads in stored bytes; what is missing is null.
 *
 * @throws {ValueError} if it cannot read them
 */
export function decoded<T, Stored extends Uint8Array | string | null>(
  codec: Codec<T>,
  key: string,
  stored: Stored,
): T | Extract<Stored, null> {
  if (stored === null) return null as Extract<Stored, null>;
  try {
    return codec.decode(stored);
  } catch (error) {
    throw new ValueError(key, error);
  }
}

/** How a call is made whose reply a codec reads. */
export function reading(codec: { readonly text?: boolean }): RunOptions {
  return codec.text === true ? { text: true } : {};
}

function textOf(stored: Uint8Array | string): string {
  if (typeof stored === "string") return stored;
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString("utf8");
}
