import { Buffer } from "node:buffer";
import { randomInt } from "node:crypto";
import { isUint8Array } from "node:util/types";
import type { Emitter } from "../core/index.ts";
import { encoded } from "./codec.ts";
import { type Bond, type Entry, everything, writeEntry } from "./entry-format.ts";
import { CacheTooLargeError } from "./errors.ts";
import type { CacheEvents } from "./events.ts";
import type { Guards } from "./guards.ts";
import type { MemoryTier } from "./memory-tier.ts";
import type { CacheSettings, EntrySettings } from "./options.ts";
import type { RedisTier, Stored } from "./redis-tier.ts";
import type { Counts } from "./stats.ts";
import type { Epoch, TagEpochs } from "./tag-epochs.ts";

/** What the parts of a cache share. */
export interface Parts {
  readonly settings: CacheSettings;
  readonly redis: RedisTier;
  /** The memory tier, unless there is none or the cache was stopped. */
  readonly memory: MemoryTier | undefined;
  readonly epochs: TagEpochs;
  readonly guards: Guards;
  readonly counts: Counts;
  readonly emitter: Emitter<CacheEvents>;
}

/** The tags whose epochs an entry is bound to: the whole cache's, and its own. */
export function bondsOf(tags: readonly string[]): readonly string[] {
  return tags.length === 0 ? whole : [everything, ...tags];
}

const whole: readonly string[] = [everything];

/**
 * What early refresh is decided by: −β·ln(u), with u from (0, 1]. An entry is refreshed when its recompute time times this
 * reaches its end.
 *
 * Source: A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
 */
export function draw(beta: number, random: () => number): number {
  return beta === 0 ? 0 : -beta * Math.log(1 - random());
}

/** A value ready to be stored. */
export interface Made extends Stored {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly deltaMs: number;
  readonly slidingMs: number;
}

/** What is stored of a value: what the codec makes of it, or that it is nothing. */
type Payload = Uint8Array | string | null | undefined;

/** What the codec makes of a value: begun at once, so that what its caller changes afterwards is not stored. */
export function encode({ settings }: Pick<Parts, "settings">, value: unknown): Payload | Promise<Payload> {
  if (value == null) return value as null | undefined;
  const made = encoded(settings.codec, value);
  // Whoever makes an entry of it hears of a failure; nobody may.
  if (made instanceof Promise) made.catch(() => {});
  return made;
}

/** Makes an entry of what the codec makes of a value. */
export async function make(
  parts: Pick<Parts, "settings">,
  key: string,
  encodedValue: Payload | Promise<Payload>,
  epochs: readonly Epoch[],
  entry: EntrySettings,
  deltaMs: number,
): Promise<Made> {
  const { maxBytes, random } = parts.settings;
  const payload = encodedValue instanceof Promise ? await encodedValue : encodedValue;
  const { slidingMs, failSafeMs: graceMs, jitter } = entry;
  const ttlMs = Math.max(1, Math.round(jitter === 0 ? entry.ttlMs : entry.ttlMs * (1 - jitter * random())));
  const firstMs = slidingMs > 0 ? Math.min(slidingMs, ttlMs) : ttlMs;
  const bytes = writeEntry({
    graceMs,
    deltaMs: Math.round(deltaMs),
    stamp: randomInt(2 ** 24),
    slidingMs,
    bonds: epochs,
    payload,
  });
  if (bytes.length > maxBytes) throw new CacheTooLargeError(key, bytes.length, maxBytes);
  return {
    entry: bytes,
    px: firstMs + graceMs,
    absolute: slidingMs > 0 ? ttlMs : 0,
    ttlMs: firstMs,
    graceMs,
    deltaMs,
    slidingMs,
  };
}

/** What is known of a value that goes to memory. */
export interface Known {
  readonly graceMs: number;
  readonly deltaMs: number;
  readonly slidingMs: number;
}

/** With `clone`, a value of its own: what a caller or a factory changes is not what is in memory. */
export function copied({ settings }: Pick<Parts, "settings">, value: unknown): unknown {
  if (settings.memory?.clone !== true) return value;
  // A clone of bytes would be one of all that lie in the same buffer, and a Buffer no more.
  return value instanceof Uint8Array ? Buffer.from(value) : structuredClone(value);
}

/** Puts a value in memory. */
export function keep(
  parts: Parts,
  key: string,
  value: unknown,
  { graceMs, deltaMs, slidingMs }: Known,
  epochs: readonly Epoch[],
  facts: {
    /** When it was last certain to be valid: from then on it is served without asking Redis for `memory.ttl` at most. */
    readonly asOf: number;
    /** How long it was fresh from then on. */
    readonly leftMs: number;
    readonly beta: number;
    readonly size: number;
    readonly stale: boolean;
  },
): void {
  const { memory, settings } = parts;
  if (memory === undefined || settings.memory === undefined) return;
  const { asOf, leftMs, beta, size, stale } = facts;
  // The draw stands for those that readers of this memory do not make: early refresh happens with a memory tier as well.
  let servedMs = Math.min(settings.memory.ttlMs, leftMs - (stale ? 0 : deltaMs * draw(beta, settings.random)));
  // A reading from memory prolongs nothing in Redis, so what lives from its last reading is read there now and then.
  if (slidingMs > 0) servedMs = Math.min(servedMs, slidingMs / 4);
  const [freshUntil, staleUntil] = [asOf + servedMs, asOf + leftMs + graceMs];
  memory.put(key, { value: apart(value), freshUntil, staleUntil, stale, epochs, answer: undefined }, size + key.length);
}

/** Bytes that were read lie in what came with them from the socket, up to 64 KiB, and would hold all of it in memory, uncounted. */
function apart(value: unknown): unknown {
  if (!isUint8Array(value) || value.buffer.byteLength <= 2 * value.byteLength) return value;
  if (!Buffer.isBuffer(value)) return new Uint8Array(value);
  const own = Buffer.allocUnsafeSlow(value.byteLength);
  own.set(value);
  return own;
}

/**
 * The epochs that an entry is bound to, if it is valid under them: at once if they are known.
 *
 * @param ahead the epoch of the whole cache, if that had to be asked for
 */
export function validUnder(
  parts: Parts,
  { bonds }: Entry,
  ahead: Promise<Epoch> | undefined,
): readonly Epoch[] | undefined | Promise<readonly Epoch[] | undefined> {
  if (ahead !== undefined && bonds.length === 1) return ahead.then((epoch) => matching([epoch], bonds));
  const tags = bonds.length === 1 ? whole : bonds.map(({ tag }) => tag);
  const known = parts.epochs.take(tags);
  if (known instanceof Promise) return known.then((epochs) => matching(epochs, bonds));
  // The entry may be right, and what is believed here old: an epoch was lost, or the message that it changed.
  return matching(known, bonds) ?? parts.epochs.anew(tags).then((epochs) => matching(epochs, bonds));
}

function matching(epochs: readonly Epoch[], bonds: readonly Bond[]): readonly Epoch[] | undefined {
  for (let index = 0; index < epochs.length; index++) if (epochs[index]?.epoch !== bonds[index]?.epoch) return undefined;
  return epochs;
}

/** A value that was read, and what it is bound to. */
export interface Value {
  readonly value: unknown;
  readonly entry: Entry;
  readonly epochs: readonly Epoch[];
  /** On this process' clock: it was valid then. */
  readonly asOf: number;
}

/** A value that has ended, and until when, on this process' clock, it may stand in. */
export interface StaleValue extends Value {
  readonly until: number;
}
