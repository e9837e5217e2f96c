import type { RedisPort } from "../client/index.ts";
import { type Duration, InvalidInputError, oneOf, readOptions, required, withDefault } from "../core/index.ts";
import { run } from "../script/index.ts";
import { type Coded, codecField, lifetime, type Ttl, ttlField, whole } from "./options.ts";
import { increment, readAndExtend, setAbsent, setPresent } from "./scripts.gen.ts";
import { decoded, encoded, reading } from "./value.ts";

/** How {@link getAndExtendExpiration} reads. */
export interface ExtendOptions<T> extends Coded<T> {
  /** The value lives at least so long from now. A longer TTL stays; a key that had none has this one. */
  readonly ttl: Duration;
}

/**
 * Reads a value and lets it live longer: it lapses when nobody has read it for so long. `null` if there is none.
 *
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed
 * @example
 * const draft = await getAndExtendExpiration(redis, "draft:7", { ttl: "30m" });
 */
export async function getAndExtendExpiration<T = string>(
  redis: RedisPort,
  key: string,
  options: ExtendOptions<T>,
): Promise<T | null> {
  const { ttl, codec } = readOptions("getAndExtendExpiration", options, { ttl: lifetime(), codec: codecField<T>() });
  return decoded(codec, key, await run(redis, readAndExtend, { value: key }, { ttlMs: ttl }, reading(codec)));
}

/** How {@link setIfNotExists} sets. */
export interface SetIfNotExistsOptions<T> extends Coded<T> {
  /** How long the value lives; `"persist"` for ever. */
  readonly ttl: Exclude<Ttl, "keep">;
}

/** What became of a {@link setIfNotExists}. */
export type SetIfNotExists<T> = { readonly set: true } | { readonly set: false; readonly current: T };

/**
 * Sets a value where there is none; otherwise answers the one that is there. Writes once: it is never sent again by itself.
 *
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed, and `applied` says whether it may have set
 * @example
 * const winner = await setIfNotExists(redis, "leader", hostname, { ttl: "1m" }); // { set: true } | { set: false, current }
 */
export async function setIfNotExists<T = string>(
  redis: RedisPort,
  key: string,
  value: T,
  options: SetIfNotExistsOptions<T>,
): Promise<SetIfNotExists<T>> {
  const { ttl, codec } = readOptions("setIfNotExists", options, { ttl: required(ttlField("persist")), codec: codecField<T>() });
  const reply = await run(redis, setAbsent, { key }, { value: encoded(codec, "value", value), ttl }, reading(codec));
  return reply.outcome === "set" ? { set: true } : { set: false, current: decoded(codec, key, reply.current) };
}

/** How {@link setIfExists} sets. */
export interface SetIfExistsOptions<T> extends Coded<T> {
  /** How long the value lives; `"keep"` as long as the one before, `"persist"` for ever. @default "keep" */
  readonly ttl?: Ttl;
}

/** What became of a {@link setIfExists}. */
export type SetIfExists<T> = { readonly set: true; readonly previous: T } | { readonly set: false };

/**
 * Sets a value where there is one already, and answers that one. Writes once: it is never sent again by itself.
 *
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed, and `applied` says whether it may have set
 * @example
 * const update = await setIfExists(redis, "profile:7", profile, { codec: json<Profile>() });
 * if (!update.set) console.log("there is no such profile");
 */
export async function setIfExists<T = string>(
  redis: RedisPort,
  key: string,
  value: T,
  options: SetIfExistsOptions<T> = {},
): Promise<SetIfExists<T>> {
  const { ttl, codec } = readOptions("setIfExists", options, {
    ttl: withDefault(ttlField("keep", "persist"), "keep"),
    codec: codecField<T>(),
  });
  const reply = await run(redis, setPresent, { key }, { value: encoded(codec, "value", value), ttl }, reading(codec));
  return reply.outcome === "set" ? { set: true, previous: decoded(codec, key, reply.previous) } : { set: false };
}

/** How {@link incrementWithExpiration} adds. */
export interface IncrementOptions {
  /** How long a new number lives. It does not begin anew with each call; a number that has no TTL is given this one. */
  readonly ttl: Duration;
  /** How much to add; less than nothing to take away. @default 1 */
  readonly by?: number | bigint;
  /** Nothing is added that would lead above it. @default none */
  readonly max?: number | bigint;
  /** Nothing is taken away that would lead below it. @default none */
  readonly min?: number | bigint;
  /** What happens at `max` and `min`: `reject` adds nothing, `saturate` adds what fits. @default "reject" */
  readonly overflow?: "reject" | "saturate";
}

/** What became of an {@link incrementWithExpiration}. */
export interface Increment {
  /** The number now, exact up to 2^63. */
  readonly value: bigint;
  /** How much was added: less than `by` at a bound. */
  readonly added: bigint;
  /** How long the number lives; 0 if there is none, because nothing was added. */
  readonly expiresInMs: number;
}

/**
 * Adds to a number that expires. The TTL is set when the number is new, and repaired when it was lost; so a fixed window ends when
 * it should. Writes once: it is never sent again by itself.
 *
 * @throws {ScriptError} `ERR` if the key holds no whole number, or the sum has more than 64 bits; the call failed, and `applied`
 * says whether it may have added
 * @example
 * const { value } = await incrementWithExpiration(redis, "views:today", { ttl: "1d" });
 */
export async function incrementWithExpiration(redis: RedisPort, key: string, options: IncrementOptions): Promise<Increment> {
  const { ttl, by, max, min, overflow } = readOptions("incrementWithExpiration", options, {
    ttl: lifetime(),
    by: withDefault(whole(), 1n),
    max: whole(),
    min: whole(),
    overflow: withDefault(oneOf("reject", "saturate"), "reject"),
  });
  if (max !== undefined && min !== undefined && min > max) {
    const message = `incrementWithExpiration.min (${min}) must not be above its max (${max}).`;
    throw new InvalidInputError("OPTION_INVALID", "incrementWithExpiration.min", message);
  }
  const args = { by, ttlMs: ttl, bound: by < 0n ? min : max, saturate: overflow === "saturate" };
  const { before, after, ttlMs } = await run(redis, increment, { number: key }, args);
  return { value: after, added: after - before, expiresInMs: ttlMs };
}
