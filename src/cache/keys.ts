import { Buffer } from "node:buffer";
import { InvalidInputError, show } from "../core/index.ts";

/** The two keys of an entry, which share a slot. */
export interface EntryKeys {
  readonly value: string;
  readonly lease: string;
}

/** `<name>:{<key>}…`: one hash tag an entry, so entries spread over a cluster and each lies in one slot with its lease. */
export function entryKeys(name: string, key: string): EntryKeys {
  const value = `${name}:{${key}}`;
  return {
    value, // STRING  header and payload. Expires with the time for which it may be served stale
    lease: `${value}:lease`, // STRING  token of who computes the value. Expires when it is not renewed
  };
}

/** STRING: the epoch of a tag, or of the whole cache. Outlives every entry that is bound to it; prolonged while it is read. */
export function epochKey(name: string, tag: string): string {
  return tag === "" ? `${name}:epoch` : `${name}:tag:{${tag}}`;
}

/** The channel on which the changes of a cache are told. */
export function changesChannel(name: string): string {
  return `${name}:changes`;
}

/** The keys of one shard of a bounded cache. */
export interface BoundedKeys {
  readonly data: string;
  readonly index: string;
  readonly expiry: string;
  readonly stats: string;
}

/** `bounded:{<name>}:…`, or `bounded:{<name>:<shard>}:…` if there are several: one hash tag a shard, so it lives in one slot. */
export function boundedKeys(name: string, shard?: number): BoundedKeys {
  const base = `bounded:{${shard === undefined ? name : `${name}:${shard}`}}`;
  return {
    data: `${base}:data`, // HASH  key → value
    index: `${base}:index`, // ZSET  key → last used, µs. The same keys as in data, always
    expiry: `${base}:expiry`, // ZSET  key → expires at, ms. Those that have a time to live
    stats: `${base}:stats`, // HASH  hits, misses, evictions, expired, bytes. All four expire when nobody uses the cache
  };
}

const keyBytesMax = 1_024;
/** Half of a character, as text cut in two ends with: as bytes all halves are alike, and their keys one. */
const half = /\p{Surrogate}/u;

/** Refuses what cannot be a key or a tag. */
export function checkName(what: "key" | "tag", name: unknown): asserts name is string {
  // A unit of text is at most three bytes: nearly every name need not be measured.
  const fits =
    typeof name === "string" && name !== "" && (name.length <= keyBytesMax / 3 || Buffer.byteLength(name) <= keyBytesMax);
  // Redis reads the hash tag up to the first "}": one at the start would leave it empty, and the keys in different slots.
  if (fits && !name.startsWith("}") && !half.test(name)) return;
  const why = fits && half.test(name) ? "of whole characters: it was cut within one (toWellFormed() mends it)" : undefined;
  const fit = why ?? `of 1 to ${keyBytesMax} bytes that does not begin with "}"`;
  throw new InvalidInputError("INPUT_INVALID", what, `A cache ${what} must be text ${fit}, not ${show(name)}.`);
}
