import type { RedisPort } from "../client/index.ts";
import { type Field, InvalidInputError, integer, readOptions, required } from "../core/index.ts";
import { run } from "../script/index.ts";
import { type Coded, codecField, given, type Ttl, ttlField } from "./options.ts";
import { deleteEqual, deleteVersion, readVersion, swap, swapVersion } from "./scripts.gen.ts";
import { type Codec, decoded, encoded, reading } from "./value.ts";

/** A swap that depends on the value. */
export interface ValueSwap<T> extends Coded<T> {
  /** The value that must be there; `null` if there must be none. */
  readonly expect: T | null;
  /** The new value. */
  readonly value: T;
  /**
   * How long the new value lives; `"keep"` as long as the old one, `"persist"` for ever. Must be given where none is expected, since
   * there is nothing to keep. @default "keep"
   */
  readonly ttl?: Ttl;
}

/** A swap that depends on the version. */
export interface VersionSwap<T> extends Coded<T> {
  /** The version that the value must have, from {@link getVersioned}; `null` if there must be none. */
  readonly version: number | null;
  readonly value: T;
  /** As for a swap by value. @default "keep" */
  readonly ttl?: Ttl;
}

/** What became of a swap by value. `current` is what is there instead: `null` if nothing. */
export type ValueSwapped<T> = { readonly swapped: true } | { readonly swapped: false; readonly current: T | null };

/** What became of a swap by version. */
export type VersionSwapped<T> =
  | { readonly swapped: true; readonly version: number }
  | { readonly swapped: false; readonly current: T | null; readonly version: number | null };

/** A value and its version. */
export interface Versioned<T> {
  readonly value: T;
  /** Grows with each change, and is never used twice, even if the key is deleted in between. */
  readonly version: number;
}

/**
 * Replaces a value if it is still the one that its writer has read; otherwise answers the one that is there, so that the next try
 * needs no read of its own. Writes once: it is never sent again by itself.
 *
 * By value, the bytes are compared: encode with a codec that writes equal values alike, as `json()` does. A value that was changed
 * and changed back is the same value. By version it is not: such keys hold a HASH, are read with {@link getVersioned}, and are
 * written by nothing else.
 *
 * @throws {InvalidInputError} none is expected, and no TTL is given
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed, and `applied` says whether it may have swapped
 * @example
 * const swap = await compareAndSwap(redis, "stock:789", { expect: "100", value: "99", ttl: "1h" }); // { swapped: true } | { swapped: false, current }
 * const first = await compareAndSwap(redis, "plan:7", { version: null, value: "draft", ttl: "1d" }); // { swapped: true, version }
 */
export function compareAndSwap<T = string>(redis: RedisPort, key: string, change: ValueSwap<T>): Promise<ValueSwapped<T>>;
export function compareAndSwap<T = string>(redis: RedisPort, key: string, change: VersionSwap<T>): Promise<VersionSwapped<T>>;
export async function compareAndSwap<T>(
  redis: RedisPort,
  key: string,
  change: ValueSwap<T> | VersionSwap<T>,
): Promise<ValueSwapped<T> | VersionSwapped<T>> {
  refuseBoth("compareAndSwap", change);
  if ("version" in Object(change)) return await swapByVersion(redis, key, change as VersionSwap<T>);
  return await swapByValue(redis, key, change as ValueSwap<T>);
}

const expected = "the value that has to be there; or give version instead";

function refuseBoth(owner: string, given: object): void {
  if (!("version" in Object(given) && "expect" in Object(given))) return;
  throw new InvalidInputError("OPTION_INVALID", `${owner}.expect`, `${owner} takes expect or version, not both.`);
}

async function swapByValue<T>(redis: RedisPort, key: string, change: ValueSwap<T>): Promise<ValueSwapped<T>> {
  const { expect, value, ttl, codec } = readOptions("compareAndSwap", change, {
    expect: given<T | null>(expected),
    ...swapFields<T>(change?.expect === null),
  });
  const args = {
    absent: expect === null,
    expect: expect === null ? "" : encoded(codec, "expect", expect),
    value: encoded(codec, "value", value),
    ttl,
  };
  const reply = await run(redis, swap, { key }, args, reading(codec));
  return reply.outcome === "swapped" ? { swapped: true } : { swapped: false, current: decoded(codec, key, reply.current) };
}

async function swapByVersion<T>(redis: RedisPort, key: string, change: VersionSwap<T>): Promise<VersionSwapped<T>> {
  const { version, value, ttl, codec } = readOptions("compareAndSwap", change, {
    version: required(versionField()),
    ...swapFields<T>(change.version === null),
  });
  const reply = await run(redis, swapVersion, { key }, { version, value: encoded(codec, "value", value), ttl }, reading(codec));
  if (reply.outcome === "swapped") return { swapped: true, version: reply.version };
  return { swapped: false, ...versioned(codec, key, reply) };
}

/** A version that is expected; 0 for none. */
function versionField(): Field<number> {
  const { read } = integer({ min: 1 });
  return { expects: "a version that getVersioned answered, or null", read: (value) => (value === null ? 0 : read(value)) };
}

function swapFields<T>(absent: boolean): {
  readonly value: Field<T> & { readonly required: true };
  readonly ttl: Field<string> & { readonly required: true };
  readonly codec: Field<Codec<T>> & { readonly fallback: unknown };
} {
  // Where nothing is expected there is no TTL to keep, and a key would stay for ever by oversight.
  const ttl = absent
    ? required(ttlField("persist"))
    : { ...required(ttlField("keep", "persist")), required: false, fallback: "keep" };
  return { value: given<T>("the value to store"), ttl: ttl as ReturnType<typeof required<string>>, codec: codecField<T>() };
}

/**
 * Reads a value that is swapped by version; `null` if there is none.
 *
 * @example
 * const plan = await getVersioned(redis, "plan:7");
 * if (plan) await compareAndSwap(redis, "plan:7", { version: plan.version, value: `${plan.value}!` });
 */
export async function getVersioned<T = string>(
  redis: RedisPort,
  key: string,
  options: Coded<T> = {},
): Promise<Versioned<T> | null> {
  const { codec } = readOptions("getVersioned", options, { codec: codecField<T>() });
  const reply = await run(redis, readVersion, { key }, {}, reading(codec));
  return reply.outcome === "hit" ? { value: decoded(codec, key, reply.value), version: reply.version } : null;
}

/** A deletion that depends on the value. */
export interface ValueDeletion<T> extends Coded<T> {
  readonly expect: T;
}

/** A deletion that depends on the version. */
export interface VersionDeletion<T> extends Coded<T> {
  readonly version: number;
}

/** What became of a deletion by value. */
export type ValueDeleted<T> = { readonly deleted: true } | { readonly deleted: false; readonly current: T | null };

/** What became of a deletion by version. */
export type VersionDeleted<T> =
  | { readonly deleted: true }
  | { readonly deleted: false; readonly current: T | null; readonly version: number | null };

/**
 * Deletes a value if it is still the one that is expected, by value or by version; otherwise answers the one that is there. Writes
 * once: it is never sent again by itself.
 *
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed, and `applied` says whether it may have deleted
 * @example
 * await compareAndDelete(redis, "leader", { expect: hostname }); // { deleted: true } | { deleted: false, current }
 */
export function compareAndDelete<T = string>(redis: RedisPort, key: string, deletion: ValueDeletion<T>): Promise<ValueDeleted<T>>;
export function compareAndDelete<T = string>(
  redis: RedisPort,
  key: string,
  deletion: VersionDeletion<T>,
): Promise<VersionDeleted<T>>;
export async function compareAndDelete<T>(
  redis: RedisPort,
  key: string,
  deletion: ValueDeletion<T> | VersionDeletion<T>,
): Promise<ValueDeleted<T> | VersionDeleted<T>> {
  refuseBoth("compareAndDelete", deletion);
  if ("version" in Object(deletion)) {
    const fields = { version: required(integer({ min: 1 })), codec: codecField<T>() };
    const { version, codec } = readOptions("compareAndDelete", deletion, fields);
    const reply = await run(redis, deleteVersion, { key }, { version }, reading(codec));
    return reply.outcome === "deleted" ? { deleted: true } : { deleted: false, ...versioned(codec, key, reply) };
  }
  const { expect, codec } = readOptions("compareAndDelete", deletion, { expect: given<T>(expected), codec: codecField<T>() });
  const reply = await run(redis, deleteEqual, { key }, { expect: encoded(codec, "expect", expect) }, reading(codec));
  return reply.outcome === "deleted" ? { deleted: true } : { deleted: false, current: decoded(codec, key, reply.current) };
}

function versioned<T>(
  codec: Codec<T>,
  key: string,
  reply: { readonly current: Uint8Array | string | null; readonly version: number },
): { readonly current: T | null; readonly version: number | null } {
  return { current: decoded(codec, key, reply.current), version: reply.version === 0 ? null : reply.version };
}
