/**
 * Watches a key while a value for it is on its way to memory. What happens to the key meanwhile makes the guard unclean, and
 * then the value is not kept: an invalidation always beats a load that began before it.
 */
export class Guard {
  readonly key: string;
  /** Nothing happened to the key since the guard was set. */
  clean = true;
  /** The next guard of the same key. */
  next: Guard | undefined;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** Something was told of the key. It is remembered if nobody waits for it yet. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves when it is rung, was rung since the last time, or the time is up. */
  async rung(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
  }
}

/** The guards of a cache. */
export class Guards {
  readonly #first = new Map<string, Guard>();

  /** Sets a guard. It must be ended. */
  begin(key: string): Guard {
    const guard = new Guard(key);
    guard.next = this.#first.get(key);
    this.#first.set(key, guard);
    return guard;
  }

  end(guard: Guard): void {
    const first = this.#first.get(guard.key);
    if (first === guard) {
      if (guard.next === undefined) this.#first.delete(guard.key);
      else this.#first.set(guard.key, guard.next);
      return;
    }
    for (let each = first; each !== undefined; each = each.next) if (each.next === guard) each.next = guard.next;
  }

  /** The key was changed: what is on its way is not kept. */
  spoil(key: string): void {
    for (let guard = this.#first.get(key); guard !== undefined; guard = guard.next) {
      guard.clean = false;
      guard.ring();
    }
  }

  /** Anything may have been changed. */
  spoilAll(): void {
    for (const key of this.#first.keys()) this.spoil(key);
  }

  /** Somebody who computed a value is done. */
  ring(key: string): void {
    for (let guard = this.#first.get(key); guard !== undefined; guard = guard.next) guard.ring();
  }
}
