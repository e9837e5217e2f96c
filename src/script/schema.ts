import type { Duration } from "../core/index.ts";

/** A value that is one word on the wire. */
export type Scalar = "string" | "bytes" | "integer" | "number" | "bigint" | "boolean" | "json" | "duration" | "instant";

/**
 * The type of an argument or of a part of a reply.
 *
 * On the wire a scalar is one word, a record is its fields in order, an array is its length and then its items, a hash is
 * its number of pairs and then field, value, field, value; in a reply arrays, hashes and records are nested arrays, a hash
 * the flat one that `HGETALL` gives. What is nullable and missing is the empty word in an argument, null in a reply.
 */
export type Type =
  | Scalar
  | { readonly nullable: Type }
  | { readonly array: Type }
  | { readonly hash: Type }
  | { readonly record: Fields };

export type Fields = { readonly [name: string]: Type };

/** The type of an argument: as {@link Type}, or all that is left of `ARGV`, with no length before it. */
export type ArgType = Type | { readonly rest: Type };

/** What a key holds, for the docs and the checks. */
export type KeyKind = "string" | "hash" | "list" | "set" | "zset" | "stream" | "any";

/** A key; a prefix that the script completes itself (`jobs:{q}:job:` and an id); or all further keys. */
export type KeyType = KeyKind | { readonly prefix: KeyKind } | { readonly rest: KeyKind };

/** A reply of one type, or one of several outcomes told apart by their first word, each with its fields in order. */
export type ReplyType = Type | { readonly outcomes: { readonly [outcome: string]: Fields } };

/**
 * How a script writes: `none` not at all; `idempotent` so that running it twice leaves what running it once leaves and
 * answers the same; `once` in any other way, so it is never sent twice.
 */
export type Writes = "none" | "idempotent" | "once";

/** Everything that is known of a script's interface. Names are in the order of `KEYS` and `ARGV`. */
export interface Schema {
  readonly keys: { readonly [name: string]: KeyType };
  readonly args: { readonly [name: string]: ArgType };
  readonly reply: ReplyType;
  readonly writes: Writes;
}

interface ScalarsIn {
  string: string;
  bytes: Uint8Array | string;
  integer: number;
  number: number;
  bigint: bigint;
  boolean: boolean;
  json: unknown;
  duration: Duration;
  instant: number | Date;
}

interface ScalarsOut {
  string: string;
  bytes: Uint8Array;
  integer: number;
  number: number;
  bigint: bigint;
  boolean: boolean;
  json: unknown;
  duration: number;
  instant: number;
}

type OptionalName<F> = { [N in keyof F]: F[N] extends { readonly nullable: Type } ? N : never }[keyof F];
type Flat<T> = { [N in keyof T]: T[N] };

/** What a caller passes for a type. */
export type In<T> = T extends Scalar
  ? ScalarsIn[T]
  : T extends { readonly nullable: infer U }
    ? In<U> | null | undefined
    : T extends { readonly array: infer U } | { readonly rest: infer U }
      ? readonly In<U>[]
      : T extends { readonly hash: infer U }
        ? { readonly [field: string]: In<U> }
        : T extends { readonly record: infer F }
          ? InFields<F>
          : never;

type InFields<F> = Flat<
  { readonly [N in Exclude<keyof F, OptionalName<F>>]: In<F[N]> } & { readonly [N in OptionalName<F>]?: In<F[N]> }
>;

/** What a caller gets for a type. */
export type Out<T> = T extends Scalar
  ? ScalarsOut[T]
  : T extends { readonly nullable: infer U }
    ? Out<U> | null
    : T extends { readonly array: infer U }
      ? readonly Out<U>[]
      : T extends { readonly hash: infer U }
        ? { readonly [field: string]: Out<U> }
        : T extends { readonly record: infer F }
          ? { readonly [N in keyof F]: Out<F[N]> }
          : never;

type KeysOf<K> = { readonly [N in keyof K]: K[N] extends { readonly rest: KeyKind } ? readonly string[] : string };

type ReplyOf<R> = R extends { readonly outcomes: infer O }
  ? { [Word in keyof O]: Flat<{ readonly outcome: Word } & { readonly [N in keyof O[Word]]: Out<O[Word][N]> }> }[keyof O]
  : Out<R>;

/** The TypeScript side of a schema: the keys and arguments that a caller passes, and the reply that comes back. */
export interface Contract {
  readonly keys: object;
  readonly args: object;
  readonly reply: unknown;
}

/** The contract that a schema describes. */
export interface ContractOf<S extends Schema> extends Contract {
  readonly keys: KeysOf<S["keys"]>;
  readonly args: InFields<S["args"]>;
  readonly reply: ReplyOf<S["reply"]>;
}
