/** Keys by their last use, the least recent first. Kept only while maxmemory-policy asks for it. */
export class Recency {
  // A Map keeps the order of insertion, and an iterator over it goes on to whatever is inserted later: kept between two evictions
  // it never passes the same holes twice, which a fresh one would.
  readonly #usedAt = new Map<string, number>();
  readonly #since: number;
  #oldest: Iterator<[string, number]> | undefined;
  #candidate: string | undefined;

  constructor(keys: Iterable<string>, now: number) {
    this.#since = now;
    for (const key of keys) this.#usedAt.set(key, 0);
  }

  touch(key: string, now: number): void {
    this.forget(key);
    // Seconds since the start: a small integer costs no allocation.
    this.#usedAt.set(key, Math.max(0, Math.floor((now - this.#since) / 1000)));
  }

  forget(key: string): void {
    if (key === this.#candidate) this.#candidate = undefined;
    this.#usedAt.delete(key);
  }

  /** Milliseconds since 1970 at which the key was last used, to the second. */
  usedAt(key: string): number {
    return this.#since + (this.#usedAt.get(key) ?? 0) * 1000;
  }

  /** The key that was not used for longest, among those allowed. */
  leastRecent(allowed: { has(key: string): boolean }): string | undefined {
    if (this.#candidate !== undefined && allowed.has(this.#candidate)) return this.#candidate;
    for (let round = 0; round < 2; round++) {
      this.#oldest ??= this.#usedAt[Symbol.iterator]();
      for (let next = this.#oldest.next(); next.done !== true; next = this.#oldest.next()) {
        if (!allowed.has(next.value[0])) continue;
        this.#candidate = next.value[0];
        return this.#candidate;
      }
      this.#oldest = undefined;
    }
    return undefined;
  }
}
