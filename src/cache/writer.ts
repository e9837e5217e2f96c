import type { Changes } from "./changes.ts";
import type { EntrySettings } from "./options.ts";
import { bondsOf, copied, keep, make, type Parts } from "./parts.ts";

/** Changes entries in both tiers, so that whatever began before a change does not outlive it. */
export class Writer {
  readonly #parts: Parts;
  readonly #changes: Changes;

  constructor(parts: Parts, changes: Changes) {
    this.#parts = parts;
    this.#changes = changes;
  }

  /** Stores a value. */
  async set(key: string, value: unknown, entry: EntrySettings): Promise<void> {
    const { guards, redis, epochs: known, counts, emitter } = this.#parts;
    const epochs = await known.take(bondsOf(entry.tags));
    const kept = copied(this.#parts, value);
    const made = await make(this.#parts, key, value, epochs, entry, 0);
    this.#changes.forget(key);
    const guard = guards.begin(key);
    const asOf = performance.now();
    try {
      await redis.write(key, made);
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
    try {
      return await this.#parts.redis.end(key, how);
    } finally {
      // A reading between the two may have found what was there before.
      this.#changes.forget(key);
      this.#parts.emitter.emit("invalidated", { key, from: "here" });
    }
  }

  /** Invalidates every entry with a tag. */
  async invalidate(tag: string): Promise<void> {
    this.#changes.drop(tag);
    try {
      await this.#parts.redis.invalidate(tag);
    } finally {
      // An epoch that was asked for between the two may be the old one.
      this.#changes.drop(tag);
      this.#parts.emitter.emit("invalidated", { tag, from: "here" });
    }
  }
}
