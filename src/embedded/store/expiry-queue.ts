const slack = 1024;

/**
 * Which key expires next: a binary heap of times and keys.
 *
 * An entry is a promise to look, not the truth: that is in the database. Putting an expiry off costs nothing here (the entry is met
 * too early, and then moved), and neither does taking it away. The rule: a key that expires at `t` has an entry at `t` or earlier.
 * 16 bytes a key; entries that stand for nothing are cleared away once they outnumber the keys that expire.
 */
export class ExpiryQueue {
  #times: number[] = [];
  #keys: string[] = [];

  /** A queue of all keys that expire. */
  static of(living: ReadonlyMap<string, number>): ExpiryQueue {
    const queue = new ExpiryQueue();
    queue.#rebuild(living);
    return queue;
  }

  get length(): number {
    return this.#keys.length;
  }

  /** When to look next; infinity if never. */
  get nextAt(): number {
    return this.#times.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** The key to look at next, or any other for a choice at random. */
  keyAt(index: number): string {
    return this.#keys[index] as string;
  }

  add(key: string, at: number, living: ReadonlyMap<string, number>): void {
    if (this.#keys.length > 2 * living.size + slack) {
      // The new one is among the living by now.
      this.#rebuild(living);
      return;
    }
    this.#times.push(at);
    this.#keys.push(key);
    this.#rise(this.#keys.length - 1, key, at);
  }

  /** Takes the entry that is first off, or moves it to another time. */
  settleFirst(moveTo: number | undefined): void {
    if (moveTo !== undefined) {
      this.#sink(0, this.#keys[0] as string, moveTo);
      return;
    }
    const key = this.#keys.pop() as string;
    const at = this.#times.pop() as number;
    if (this.#keys.length > 0) this.#sink(0, key, at);
  }

  #rise(start: number, key: string, at: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentAt = this.#times[parent] as number;
      if (parentAt <= at) break;
      this.#times[index] = parentAt;
      this.#keys[index] = this.#keys[parent] as string;
      index = parent;
    }
    this.#times[index] = at;
    this.#keys[index] = key;
  }

  #sink(start: number, key: string, at: number): void {
    const length = this.#keys.length;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && (this.#times[child + 1] as number) < (this.#times[child] as number)) child++;
      const childAt = this.#times[child] as number;
      if (childAt >= at) break;
      this.#times[index] = childAt;
      this.#keys[index] = this.#keys[child] as string;
      index = child;
    }
    this.#times[index] = at;
    this.#keys[index] = key;
  }

  #rebuild(living: ReadonlyMap<string, number>): void {
    this.#keys = [];
    this.#times = [];
    living.forEach((at, key) => {
      this.#keys.push(key);
      this.#times.push(at);
    });
    for (let index = (this.#keys.length >> 1) - 1; index >= 0; index--) {
      this.#sink(index, this.#keys[index] as string, this.#times[index] as number);
    }
  }
}
