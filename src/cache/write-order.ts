/** A place in the line of one key. */
export interface Place {
  /** Resolves when those before have left; `undefined` if there are none. */
  readonly turn: Promise<void> | undefined;
  /** Lets the next one go. */
  leave(): void;
}

/**
 * Has the changes of a key sent in the order in which they were asked for: making bytes of a value, or asking for the epochs of its
 * tags, takes longer for one than for another. One that is alone in its line waits for nothing, and makes no promise.
 */
export class WriteOrder {
  readonly #last = new Map<string, Link>();

  /** Takes a place behind all that have one. It must be left. */
  take(key: string): Place {
    const before = this.#last.get(key);
    const link: Link = { next: undefined };
    this.#last.set(key, link);
    const turn = before && new Promise<void>((resolve) => (before.next = resolve));
    const leave = (): void => {
      if (this.#last.get(key) === link) this.#last.delete(key);
      link.next?.();
    };
    return { turn, leave };
  }
}

interface Link {
  next: (() => void) | undefined;
}
