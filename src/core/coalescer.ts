/** Limits of a {@link Coalescer}. */
export interface CoalescerLimits {
  /** At most so many items go in one call. */
  readonly items: number;
  /** At most so many calls are in flight at once. @default 1 */
  readonly flights?: number;
  /** Size of an item, with the most that one call may carry. @default every item weighs nothing */
  readonly weight?: { readonly of: (item: never) => number; readonly max: number };
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers items that are asked for at about the same time into one call.
 *
 * Nothing waits on a timer: the first item leaves at the end of the current tick, and while a call is in flight the next
 * one gathers. So one caller pays one round trip, and a hundred callers share one.
 *
 * @example
 * const coalescer = new Coalescer((ids: readonly string[]) => fetchAll(ids), { items: 100 });
 * await Promise.all([coalescer.submit("a"), coalescer.submit("b")]); // one call
 */
export class Coalescer<Item, Result> {
  readonly #call: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #limits: CoalescerLimits;
  #waiting: Waiting<Item, Result>[] = [];
  #flights = 0;
  #scheduled = false;

  /** @param call does the work for many items; answers in their order, or throws for all of them */
  constructor(call: (items: readonly Item[]) => Promise<readonly Result[]>, limits: CoalescerLimits) {
    this.#call = call;
    this.#limits = limits;
  }

  /** How many items wait for a call to leave. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Adds an item to the next call. Resolves with what the call answered for it. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#flights >= (this.#limits.flights ?? 1)) return;
    this.#scheduled = true;
    // One microtask: whoever asks in the same tick is in the same call.
    queueMicrotask(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#flights < (this.#limits.flights ?? 1)) void this.#depart(this.#take());
    });
  }

  #take(): readonly Waiting<Item, Result>[] {
    const { items, weight } = this.#limits;
    let count = Math.min(items, this.#waiting.length);
    if (weight !== undefined) {
      const weigh = weight.of as (item: Item) => number;
      let total = 0;
      for (let index = 0; index < count; index++) {
        total += weigh((this.#waiting[index] as Waiting<Item, Result>).item);
        // The first always goes, however heavy, or it would wait for ever.
        if (total > weight.max && index > 0) count = index;
      }
    }
    const taken = this.#waiting;
    this.#waiting = taken.slice(count);
    taken.length = count;
    return taken;
  }

  async #depart(group: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#flights++;
    try {
      const results = await this.#call(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#flights--;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
