import { everything } from "./entry-format.ts";
import type { CacheEvents } from "./events.ts";
import type { Change } from "./invalidation-bus.ts";
import type { MemoryTier } from "./memory-tier.ts";
import type { Parts } from "./parts.ts";
import type { ReadThrough } from "./read-through.ts";

/** What this process forgets when entries are changed, here or elsewhere: what it has, and what is on its way. */
export class Changes {
  readonly #parts: Parts;
  readonly #values: MemoryTier | undefined;
  readonly #reads: ReadThrough;

  /** @param values the memory tier, also while it is not used */
  constructor(parts: Parts, values: MemoryTier | undefined, reads: ReadThrough) {
    this.#parts = parts;
    this.#values = values;
    this.#reads = reads;
  }

  /** Another process told of a change. */
  heard(change: Change, name: string): void {
    if (change === "done") {
      this.#parts.guards.ring(name);
      return;
    }
    if (change === "changed") this.forget(name);
    else this.drop(name);
    this.#parts.emitter.emit(
      "invalidated",
      change === "tag" ? { tag: name, from: "elsewhere" } : { key: name, from: "elsewhere" },
    );
  }

  /** A key was changed. */
  forget(key: string): void {
    this.#values?.delete(key);
    this.#reads.detach(key);
    this.#parts.guards.spoil(key);
  }

  /** A tag was invalidated. What is dropped before and after the same change is told once. */
  drop(tag: string, telling: "told" | "untold" = "told"): void {
    this.#parts.epochs.drop(tag);
    // Which flights have the tag is not known before they land; none that began before may be joined.
    this.#reads.detachAll();
    if (tag !== everything) return;
    this.#forgetAll();
    if (telling === "told") this.#parts.emitter.emit("flushed", { reason: "cleared" });
  }

  /** Anything may have been changed. */
  flush(reason: CacheEvents["flushed"]["reason"]): void {
    this.#forgetAll();
    this.#parts.emitter.emit("flushed", { reason });
  }

  #forgetAll(): void {
    this.#values?.clear();
    this.#parts.epochs.flush();
    this.#reads.detachAll();
    this.#parts.guards.spoilAll();
  }
}
