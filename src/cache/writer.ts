import type { Changes } from "./changes.ts";
import type { Guard } from "./guards.ts";
import type { EntrySettings } from "./options.ts";
import { bondsOf, copied, encode, keep, type Made, make, type Parts } from "./parts.ts";
import type { Epoch } from "./tag-epochs.ts";
import { WriteOrder } from "./write-order.ts";

/** Changes entries in both tiers, so that whatever began before a change does not outlive it. */
export class Writer {
  readonly #parts: Parts;
  readonly #changes: Changes;
  readonly #order = new WriteOrder();

  constructor(parts: Parts, changes: Changes) {
    this.#parts = parts;
    this.#changes = changes;
  }

  /** Stores a value. */
  async set(key: string, value: unknown, entry: EntrySettings): Promise<void> {
    const { guards, redis, epochs: known, counts, emitter } = this.#parts;
    const kept = copied(this.#parts, value);
    const encoded = encode(this.#parts, value);
    const { turn, leave } = this.#order.take(key);
    let epochs: readonly Epoch[];
    let made: Made;
    let guard: Guard;
    let asOf: number;
    let written: Promise<void>;
    try {
      epochs = await known.take(bondsOf(entry.tags));
      made = await make(this.#parts, key, encoded, epochs, entry, 0);
      if (turn !== undefined) await turn;
      this.#changes.forget(key);
      guard = guards.begin(key);
      asOf = performance.now();
      written = redis.write(key, made);
    } finally {
      leave();
    }
    try {
      await written;
    } finally {
      guards.end(guard);
      this.#changes.forget(key);
    }
    counts.bytesWritten += made.entry.length;
    emitter.emit("invalidated", { key, from: "here" });
    // Another change was told while this one was on its way: which came last is Redis' to say.
    if (!guard.clean) return;
    const facts = { asOf, leftMs: made.ttlMs, beta: entry.beta, size: made.entry.length, stale: false };
    keep(this.#parts, key, kept, made, epochs, facts);
  }

  /** Forgets an entry, or ends it so that it lives on as a stale one. */
  async end(key: string, how: "remove" | "expire"): Promise<boolean> {
    this.#changes.forget(key);
    const { turn, leave } = this.#order.take(key);
    let ended: Promise<boolean>;
    try {
      if (turn !== undefined) await turn;
      ended = this.#parts.redis.end(key, how);
    } finally {
      leave();
    }
    let existed: boolean;
    try {
      existed = await ended;
    } finally {
      // A reading between the two may have found what was there before.
      this.#changes.forget(key);
    }
    this.#parts.emitter.emit("invalidated", { key, from: "here" });
    return existed;
  }

  /** Invalidates every entry with a tag. */
  async invalidate(tag: string): Promise<void> {
    this.#changes.drop(tag, "untold");
    try {
      await this.#parts.redis.invalidate(tag);
    } finally {
      // An epoch that was asked for between the two may be the old one.
      this.#changes.drop(tag);
    }
    this.#parts.emitter.emit("invalidated", { tag, from: "here" });
  }
}
