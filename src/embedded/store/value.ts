import type { GrowingBytes } from "./growing-bytes.ts";

/** Redis' names of the types, as TYPE answers them. */
export type ValueType = "string" | "hash" | "list" | "set" | "zset" | "stream";

/** What a key may hold. A string is a byte string, or bytes that grow in place while they are being changed. */
export type Value = string | GrowingBytes | Collection;

/** What all values but strings have in common. */
export interface Collection {
  readonly type: Exclude<ValueType, "string">;
  /** Elements; a collection of none is no key at all (a stream may be empty). */
  readonly size: number;
  /** Bytes it takes, estimated: for MEMORY USAGE and for eviction. */
  readonly bytes: number;
  /** As OBJECT ENCODING tells it. */
  readonly encoding: string;
  /** The bytes that the keyspace has counted for it so far: the database's own note. Starts at 0, and a copy starts there too. */
  counted?: number;
  /** A deep copy, for COPY and for snapshots. */
  copy(): Collection;
}

/** The type of a value, by Redis' name. */
export function typeOf(value: Value): ValueType {
  return typeof value === "string" ? "string" : value.type;
}

/** A copy that later changes of the value do not reach. */
export function copyOf(value: Value): Value {
  return typeof value === "string" ? value : value.copy();
}
