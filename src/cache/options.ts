import {
  accept,
  boolean,
  callable,
  type Duration,
  duration,
  type Field,
  InvalidInputError,
  integer,
  number,
  readOptions,
  refuseUnknown,
  show,
  text,
  withDefault,
} from "../core/index.ts";
import { type Codec, codecField } from "./codec.ts";
import { graceMsMax } from "./entry-format.ts";
import { checkName } from "./keys.ts";

/** How an entry is made and kept. Given to a cache they are its defaults, given to a call they are that call's. */
export interface EntryOptions {
  /** How long a value is fresh. @default "10m" */
  readonly ttl?: Duration;
  /** Shortens each time to live by a random part of up to this share, so that what was stored together does not end together. @default 0 */
  readonly jitter?: number;
  /** Each reading prolongs the entry to so long from then, `ttl` being the end of it all. @default none */
  readonly sliding?: Duration;
  /** For how long after its end a value may stand in: while another caller computes, and when the factory fails. @default 0 */
  readonly failSafe?: Duration;
  /** After a failure, a stale value is served for so long before the factory is tried again. @default "10s" */
  readonly throttle?: Duration;
  /** A caller who could have a stale value waits so long for the factory; it then goes on in the background. @default for as long as it takes */
  readonly softTimeout?: Duration;
  /** Every caller waits at most so long for the factory, which then goes on in the background. @default for as long as it takes */
  readonly hardTimeout?: Duration;
  /** How eagerly values are refreshed before their end: 0 never, 2 twice as early as 1. @default 1 */
  readonly beta?: number;
  /** Names under which the entry can be invalidated together with others. At most 32. @default none */
  readonly tags?: readonly string[];
}

/** The memory tier of a cache. */
export interface MemoryOptions {
  /** At most so many entries; the least recently used go first. @default 10_000 */
  readonly entries?: number;
  /** At most so many bytes, counted as they are in Redis: what is compressed there takes more here. @default 67_108_864 */
  readonly bytes?: number;
  /** No value is served from memory for longer without asking Redis: what a lost message may cost. @default "1m" */
  readonly ttl?: Duration;
  /** Hands out a copy of what is in memory at each hit, for callers who change what they get. @default false */
  readonly clone?: boolean;
}

/** Options of a {@link HybridCache}. */
export interface HybridCacheOptions extends EntryOptions {
  /** First part of every key. Caches of the same name share their entries. @default "cache" */
  readonly prefix?: string;
  /** The memory tier; `false` for none: each reading asks Redis. @default { entries: 10_000 } */
  readonly memory?: MemoryOptions | false;
  /** How values become bytes. @default json */
  readonly codec?: Codec;
  /** No entry is larger, in bytes. @default 8_388_608 */
  readonly maxBytes?: number;
  /** How long Redis may take to answer, before it counts as away. @default "1s" */
  readonly timeout?: Duration;
  /** How long others wait for a process that died while it computed. Renewed by one that lives. @default "5s" */
  readonly lease?: Duration;
  /** How long to wait for a value that another process computes, before computing it here as well. @default "30s" */
  readonly wait?: Duration;
  /** A factory that takes longer is told to stop by its signal, and its value is not stored. @default "5m" */
  readonly factoryTimeout?: Duration;
  /** Draws from [0, 1), for early refresh and jitter. @default Math.random */
  readonly random?: () => number;
}

/** The options of an entry, in milliseconds. */
export interface EntrySettings {
  readonly ttlMs: number;
  readonly jitter: number;
  readonly slidingMs: number;
  readonly failSafeMs: number;
  readonly throttleMs: number;
  readonly softMs: number;
  readonly hardMs: number;
  readonly beta: number;
  readonly tags: readonly string[];
}

/** The options of a cache, in milliseconds. */
export interface CacheSettings {
  readonly prefix: string;
  readonly memory:
    | { readonly entries: number; readonly bytes: number; readonly ttlMs: number; readonly clone: boolean }
    | undefined;
  readonly codec: Codec;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly factoryTimeoutMs: number;
  readonly random: () => number;
  readonly entry: EntrySettings;
}

/** A setTimeout cannot wait longer; to us it is for ever. */
const never: number = 2 ** 31 - 1;
const tagsMax = 32;
const longest = { max: graceMsMax };

const entryFields = {
  ttl: withDefault(duration({ min: 1, ...longest }), "10m"),
  jitter: withDefault(number({ min: 0, max: 1 }), 0),
  sliding: withDefault(duration(longest), 0),
  failSafe: withDefault(duration(longest), 0),
  throttle: withDefault(duration(longest), "10s"),
  softTimeout: withDefault(duration({ max: never }), never),
  hardTimeout: withDefault(duration({ min: 1, max: never }), never),
  beta: withDefault(number({ min: 0, max: 100 }), 1),
  tags: withDefault(
    accept<readonly string[]>(`a list of up to ${tagsMax} tags`, (value) => Array.isArray(value) && value.length <= tagsMax),
    [],
  ),
};
const entryNames = Object.keys(entryFields);
/** `signal` is not an entry's, but a call's. */
const callNames = [...entryNames, "signal"];
const signalField = accept<AbortSignal>("an AbortSignal", (value) => value instanceof AbortSignal);

/** Reads the options of a cache. */
export function readCacheOptions(options: HybridCacheOptions): CacheSettings {
  const read = readOptions("HybridCache", options, {
    ...entryFields,
    prefix: withDefault(text({ max: 200 }), "cache"),
    memory: withDefault(accept<MemoryOptions | false>("{ entries, bytes, ttl, clone } or false", isMemory), {}),
    codec: codecField,
    maxBytes: withDefault(integer({ min: 1, max: 512 * 1024 * 1024 }), 8 * 1024 * 1024),
    timeout: withDefault(duration({ min: 1, max: never }), "1s"),
    lease: withDefault(duration({ min: 100, ...longest }), "5s"),
    wait: withDefault(duration({ max: never }), "30s"),
    factoryTimeout: withDefault(duration({ min: 1, max: never }), "5m"),
    random: withDefault(callable<() => number>(), Math.random),
  });
  return {
    prefix: read.prefix,
    memory: read.memory === false ? undefined : readMemory(read.memory),
    codec: read.codec,
    maxBytes: read.maxBytes,
    timeoutMs: read.timeout,
    leaseMs: read.lease,
    waitMs: read.wait,
    factoryTimeoutMs: read.factoryTimeout,
    random: read.random,
    entry: entrySettings(read),
  };
}

/** Reads the options of one call, what it does not say being as the cache says. */
export function readEntryOptions(owner: string, options: EntryOptions | undefined, defaults: EntrySettings): EntrySettings {
  if (options === undefined) return defaults;
  if (typeof options !== "object" || options === null) {
    throw new InvalidInputError("OPTION_INVALID", owner, `${owner} takes its options as an object, not ${show(options)}.`);
  }
  const names = owner === "getOrSet" ? callNames : entryNames;
  for (const name in options) {
    if (!(name in entryFields) && (name !== "signal" || owner !== "getOrSet")) refuseUnknown(owner, options, names);
  }
  const from: { -readonly [Name in keyof EntryFields]: EntryFields[Name] } = {
    ttl: defaults.ttlMs,
    jitter: defaults.jitter,
    sliding: defaults.slidingMs,
    failSafe: defaults.failSafeMs,
    throttle: defaults.throttleMs,
    softTimeout: defaults.softMs,
    hardTimeout: defaults.hardMs,
    beta: defaults.beta,
    tags: defaults.tags,
  };
  // Only what is given is read: this runs at every miss.
  for (const name in options) {
    const value = options[name as keyof EntryOptions];
    if (value === undefined) continue;
    const field = (name === "signal" ? signalField : entryFields[name as keyof typeof entryFields]) as Field<never>;
    const read = field.read(value);
    if (read === undefined) {
      throw new InvalidInputError(
        "OPTION_INVALID",
        `${owner}.${name}`,
        `${owner}.${name} must be ${field.expects}, not ${show(value)}.`,
      );
    }
    if (name !== "signal") from[name as keyof EntryFields] = read;
  }
  return entrySettings(from);
}

interface EntryFields {
  readonly ttl: number;
  readonly jitter: number;
  readonly sliding: number;
  readonly failSafe: number;
  readonly throttle: number;
  readonly softTimeout: number;
  readonly hardTimeout: number;
  readonly beta: number;
  readonly tags: readonly string[];
}

function entrySettings(read: EntryFields): EntrySettings {
  for (const tag of read.tags) checkName("tag", tag);
  return {
    ttlMs: read.ttl,
    jitter: read.jitter,
    slidingMs: read.sliding,
    failSafeMs: read.failSafe,
    throttleMs: read.throttle,
    softMs: read.softTimeout,
    hardMs: read.hardTimeout,
    beta: read.beta,
    tags: read.tags.length > 1 ? [...new Set(read.tags)] : read.tags,
  };
}

function isMemory(value: unknown): boolean {
  return value === false || (typeof value === "object" && value !== null && !Array.isArray(value));
}

function readMemory(options: MemoryOptions): NonNullable<CacheSettings["memory"]> {
  const { entries, bytes, ttl, clone } = readOptions("HybridCache.memory", options, {
    entries: withDefault(integer({ min: 1, max: 10_000_000 }), 10_000),
    bytes: withDefault(integer({ min: 1 }), 64 * 1024 * 1024),
    ttl: withDefault(duration({ min: 1 }), "1m"),
    clone: withDefault(boolean(), false),
  });
  return { entries, bytes, ttlMs: ttl, clone };
}

export { never as noTimeoutMs };
