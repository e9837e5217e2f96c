import { Bell } from "../core/index.ts";

/**
 * Watches a key while a value for it is on its way to memory. What happens to the key meanwhile makes the guard unclean, and
 * then the value is not kept: an invalidation always beats a load that began before it.
 */
export class Guard extends Bell {
  readonly key: string;
  /** Nothing happened to the key since the guard was set. */
  clean = true;
  /** The next guard of the same key. */
  next: Guard | undefined;

  constructor(key: string) {
    super();
    this.key = key;
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
