import { accept, type Duration, type Field, readMs, required, withDefault } from "../core/index.ts";
import { type Codec, text } from "./value.ts";

/**
 * What becomes of a key's time to live when the key is written: so long from now, as it was, or none. A key that never expires is
 * a decision, so it has to be said.
 */
export type Ttl = Duration | "keep" | "persist";

/** What every function on values has an option for. */
export interface Coded<T> {
  /** How values become bytes and back: `json()`, `bytes`, or your own. @default text */
  readonly codec?: Codec<T>;
}

/** Reads {@link Coded.codec}. */
export function codecField<T>(): Field<Codec<T>> & { readonly fallback: unknown } {
  return withDefault(
    accept<Codec<T>>("a codec: json(), bytes, or an object { encode, decode }", (value) => {
      const { encode, decode } = (value ?? {}) as Partial<Codec<T>>;
      return typeof encode === "function" && typeof decode === "function";
    }),
    text,
  );
}

/** A TTL of at least a millisecond, in milliseconds: Redis refuses none at all, which would mean at once. */
export function lifetime(): Field<number> & { readonly required: true } {
  return required(ttlOf<number>());
}

/** A TTL, or some of the words that stand for one, as scripts take it: digits or the word. */
export function ttlField(...words: readonly ("keep" | "persist")[]): Field<string> {
  const { expects, read } = ttlOf<string | number>(...words);
  return {
    expects,
    read: (value) => {
      const found = read(value);
      return found === undefined ? undefined : String(found);
    },
  };
}

/** Ten thousand years: what is longer is a slip, and would overflow in Redis. */
const msMax = 315_360_000_000_000;

function ttlOf<Value extends string | number>(...words: readonly string[]): Field<Value> {
  const others = words.map((word) => `, or "${word}"`).join("");
  return {
    expects: `a duration such as 1500 or "30s", at least 1 ms${others}`,
    read: (value) => {
      if (words.includes(value as string)) return value as Value;
      const ms = readMs(value);
      return ms !== undefined && ms >= 1 && ms <= msMax ? (ms as Value) : undefined;
    },
  };
}

/** A value that a codec is to encode: anything that was given. */
export function given<T>(what: string): Field<T> & { readonly required: true } {
  return required(accept<T>(what, () => true));
}

/** A whole number, as a number or a bigint, within 64 bits. */
export function whole(range: { readonly min?: bigint } = {}): Field<bigint> {
  const { min = -(2n ** 63n) } = range;
  return {
    expects: `a whole number (a bigint beyond 2^53)${range.min === undefined ? "" : `, at least ${min}`}`,
    read: (value) => {
      const wholeNumber = typeof value === "bigint" || Number.isSafeInteger(value);
      const read = wholeNumber ? BigInt(value as number | bigint) : undefined;
      return read !== undefined && read >= min && read < 2n ** 63n ? read : undefined;
    },
  };
}
