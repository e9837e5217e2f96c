import type { RedisPort } from "../client/index.ts";
import { ClientError } from "../client/index.ts";
import { boolean, InvalidInputError, oneOf, RedluaError, readOptions, show, withDefault } from "../core/index.ts";
import { run } from "../script/index.ts";
import { type KeyOutcome, MultipleError } from "./errors.ts";
import { type Coded, codecField, type Ttl, ttlField } from "./options.ts";
import { getMany, setMany } from "./scripts.gen.ts";
import { type KeyReply, sendByKey } from "./spread.ts";
import { type Codec, decoded, encoded, reading } from "./value.ts";

/** How many keys are read. */
export interface GetMultipleOptions<T> extends Coded<T> {
  /** All at one moment, which only keys of one slot can be. @default false */
  readonly atomic?: boolean;
}

/** A key to be set. */
export interface SetEntry<T> {
  readonly key: string;
  readonly value: T;
  /** How long this value lives. @default the `ttl` of the call */
  readonly ttl?: Ttl;
  /** Set it only if it is new, or only if it exists. @default either */
  readonly only?: "new" | "existing";
}

/** How many keys are set. */
export interface SetMultipleOptions<T> extends Coded<T> {
  /** How long values live whose entry does not say so. `"keep"` as long as the one before, `"persist"` for ever. */
  readonly ttl?: Ttl;
  /** All at one moment or, if an `only` is not met, none. Only keys of one slot can be. @default false */
  readonly atomic?: boolean;
}

/** More at a time is a program that should go through its keys in parts. */
const keysMax = 100_000;
/** More at one moment would hold up everyone else. */
const atomicKeysMax = 4_000;

/**
 * Reads many values, in the order of their keys; what is missing is `null`. Keys of a cluster are asked of the nodes that hold them,
 * at the same time.
 *
 * @throws {MultipleError} some keys failed; what the others hold is in its `results`
 * @throws {ScriptError} `SCRIPT_KEYS`: `atomic`, and the keys lie in different slots
 * @throws {InvalidInputError} more than 100,000 keys, or 4,000 if `atomic`
 * @example
 * const [ada, bob] = await getMultiple(redis, ["user:1", "user:2"], { codec: json<User>() });
 */
export async function getMultiple<T = string>(
  redis: RedisPort,
  keys: readonly string[],
  options: GetMultipleOptions<T> = {},
): Promise<readonly (T | null)[]> {
  return valuesOf(await tryGetMultiple(redis, keys, options));
}

/**
 * The same as {@link getMultiple}, but a key that fails (`WRONGTYPE`, its node is away, its value cannot be read) says so in its
 * place, and fails nothing else.
 */
export async function tryGetMultiple<T = string>(
  redis: RedisPort,
  keys: readonly string[],
  options: GetMultipleOptions<T> = {},
): Promise<readonly KeyOutcome<T | null>[]> {
  const { codec, atomic } = readOptions("getMultiple", options, {
    codec: codecField<T>(),
    atomic: withDefault(boolean(), false),
  });
  checkKeys("getMultiple", keys, atomic);
  if (keys.length === 0) return [];
  const replies = atomic ? await getTogether(redis, keys, codec) : await getSpread(redis, keys, codec);
  return replies.map((reply, index) => outcomeOf(codec, keys[index] as string, reply));
}

async function getTogether<T>(redis: RedisPort, keys: readonly string[], codec: Codec<T>): Promise<readonly KeyReply[]> {
  const replies = await run(redis, getMany, { key: keys }, {}, reading(codec));
  return replies.map(({ value, error }) => {
    if (error === null) return value;
    return new ClientError("CLIENT_REPLY", error, { applied: "no", reply: error.split(" ", 1)[0] as string });
  });
}

function getSpread<T>(redis: RedisPort, keys: readonly string[], codec: Codec<T>): Promise<readonly KeyReply[]> {
  return sendByKey(redis, keys, (_, key) => ["GET", key], { bytes: codec.text !== true, resend: "ok" });
}

function outcomeOf<T>(codec: Codec<T>, key: string, reply: KeyReply): KeyOutcome<T | null> {
  if (reply instanceof ClientError) return { ok: false, key, error: reply };
  try {
    return { ok: true, value: decoded(codec, key, reply as Uint8Array | string | null) };
  } catch (error) {
    if (error instanceof RedluaError) return { ok: false, key, error };
    throw error;
  }
}

/**
 * Sets many values, each with its own TTL. Answers for each entry, in order, whether it was set: `false` if its `only` was not met.
 * Where an `only` is given, or `atomic`, it writes once: it is never sent again by itself.
 *
 * @throws {MultipleError} some keys failed; what became of the others is in its `results`
 * @throws {ScriptError} `SCRIPT_KEYS`: `atomic`, and the keys lie in different slots
 * @throws {InvalidInputError} a key is given twice, a TTL is missing, or there are more than 100,000 keys, or 4,000 if `atomic`
 * @example
 * await setMultiple(redis, [{ key: "a", value: "1" }, { key: "b", value: "2", only: "new" }], { ttl: "5m" }); // [true, true]
 */
export async function setMultiple<T = string>(
  redis: RedisPort,
  entries: readonly SetEntry<T>[],
  options: SetMultipleOptions<T> = {},
): Promise<readonly boolean[]> {
  return valuesOf(await trySetMultiple(redis, entries, options));
}

/** The same as {@link setMultiple}, but a key that fails says so in its place, and fails nothing else. */
export async function trySetMultiple<T = string>(
  redis: RedisPort,
  entries: readonly SetEntry<T>[],
  options: SetMultipleOptions<T> = {},
): Promise<readonly KeyOutcome<boolean>[]> {
  const { codec, ttl, atomic } = readOptions("setMultiple", options, {
    codec: codecField<T>(),
    ttl: ttlField("keep", "persist"),
    atomic: withDefault(boolean(), false),
  });
  if (!Array.isArray(entries)) throw unfit("entries", "a list of { key, value }", entries);
  const writes = entries.map((entry, index) => readEntry(entry, index, codec, ttl));
  const keys = writes.map(({ key }) => key);
  checkKeys("setMultiple", keys, atomic);
  refuseTwice(keys);
  if (keys.length === 0) return [];
  if (atomic) {
    const set = await run(redis, setMany, { key: keys }, { entry: writes.map(({ key: _, ...write }) => write) });
    return keys.map(() => ({ ok: true, value: set }));
  }
  const resend = writes.some(({ only }) => only !== "") ? "never" : "ok";
  const command = (index: number, key: string): readonly (Uint8Array | string)[] => setCommand(key, writes[index] as Write);
  const replies = await sendByKey(redis, keys, command, { bytes: false, resend });
  return replies.map((reply, index) => {
    if (reply instanceof ClientError) return { ok: false, key: keys[index] as string, error: reply };
    return { ok: true, value: reply !== null };
  });
}

/** An entry, read. */
interface Write {
  readonly key: string;
  readonly value: Uint8Array | string;
  readonly ttl: string;
  readonly only: "new" | "existing" | "";
}

function setCommand(key: string, { value, ttl, only }: Write): readonly (Uint8Array | string)[] {
  const lifetime = ttl === "persist" ? [] : ttl === "keep" ? ["KEEPTTL"] : ["PX", ttl];
  return ["SET", key, value, ...lifetime, ...(only === "" ? [] : only === "new" ? ["NX"] : ["XX"])];
}

function readEntry<T>(entry: SetEntry<T>, index: number, codec: Codec<T>, fallback: string | undefined): Write {
  const { key, value, ...rest } = Object(entry) as SetEntry<T>;
  const field = `entries[${index}]`;
  const { ttl = fallback, only = "" } = readOptions(field, rest, {
    ttl: ttlField("keep", "persist"),
    only: oneOf("new", "existing"),
  });
  if (ttl === undefined)
    throw new InvalidInputError("OPTION_MISSING", `${field}.ttl`, `${field} has no ttl, and neither has the call.`);
  return { key, value: encoded(codec, `${field}.value`, value), ttl, only };
}

function checkKeys(owner: string, keys: unknown, atomic: boolean): void {
  if (!Array.isArray(keys)) throw unfit("keys", "a list of keys", keys);
  const max = atomic ? atomicKeysMax : keysMax;
  if (keys.length > max) {
    throw unfit("keys", `at most ${max}${atomic ? " if atomic" : ""} (${owner} them in parts)`, keys.length);
  }
  const wrong = keys.findIndex((key) => typeof key !== "string" || key === "");
  if (wrong !== -1) throw unfit(`keys[${wrong}]`, "text that is not empty", keys[wrong]);
}

function refuseTwice(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) throw unfit("entries", "of different keys", key);
    seen.add(key);
  }
}

function valuesOf<T>(outcomes: readonly KeyOutcome<T>[]): readonly T[] {
  return outcomes.map((outcome) => {
    if (outcome.ok) return outcome.value;
    throw new MultipleError(outcomes, outcome);
  });
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}
