/** Limits of a {@link Coalescer}. */
export interface CoalescerLimits {
  /** At most so many items go in one call. */
  readonly items: number;
  /** At most so many calls are in flight at once. @default 1 */
  readonly flights?: number;
  /** Size of an item, with the most that one call may carry. @default every item weighs nothing */
  readonly weight?: { readonly of: (item: never) => number; readonly max: number };
}

/** Fewer than these go in one call together. */
const worthSharing = 32;

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
  /** Where the next call begins: cutting the front off a long list at each call would copy all of it each time. */
  #head = 0;
  #flights = 0;
  #scheduled = false;

  /** @param call does the work for many items; answers in their order, or throws for all of them */
  constructor(call: (items: readonly Item[]) => Promise<readonly Result[]>, limits: CoalescerLimits) {
    this.#call = call;
    this.#limits = limits;
  }

  /** How many items wait for a call to leave. */
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** Adds an item to the next call. Resolves with what the call answered for it. */
  submit(item: Item): Promise<Result> {
    const promise = new Promise<Result>(hold);
    this.#waiting.push({ item, resolve: held.resolve as (result: Result) => void, reject: held.reject });
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#free === 0) return;
    this.#scheduled = true;
    // One microtask: whoever asks in the same tick is in the same call.
    queueMicrotask(() => this.#next());
  }

  get #free(): number {
    return (this.#limits.flights ?? 1) - this.#flights;
  }

  #next(): void {
    this.#scheduled = false;
    if (this.waiting === 0 || this.#free === 0) return;
    void this.#depart(this.#take());
    if (this.waiting === 0 || this.#free === 0) return;
    // Another call leaves a round of the event loop later: two that arrive together are answered together, and then the
    // other side would wait for this process and this process for it, by turns.
    this.#scheduled = true;
    setImmediate(() => this.#next());
  }

  #take(): readonly Waiting<Item, Result>[] {
    const { items, weight } = this.#limits;
    // Many callers are spread over the calls that may leave, so that one is answered while another is worked on.
    const share = this.waiting < worthSharing ? this.waiting : Math.max(1, Math.ceil(this.waiting / this.#free));
    let count = Math.min(items, share);
    if (weight !== undefined) {
      const weigh = weight.of as (item: Item) => number;
      let total = 0;
      for (let index = 0; index < count; index++) {
        total += weigh((this.#waiting[this.#head + index] as Waiting<Item, Result>).item);
        // The first always goes, however heavy, or it would wait for ever.
        if (total > weight.max && index > 0) count = index;
      }
    }
    const taken = this.#waiting.slice(this.#head, this.#head + count);
    this.#head += count;
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  async #depart(group: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#flights++;
    try {
      resolveAll(group, await this.#call(itemsOf(group)));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#flights--;
      if (this.waiting > 0) this.#schedule();
    }
  }
}

/** Both ends of the promise that was made last. A function for each promise that hands them over would leave 100 bytes an item to be collected. */
const held: { resolve: (result: never) => void; reject: (error: unknown) => void } = { resolve: () => {}, reject: () => {} };

function hold(resolve: (result: never) => void, reject: (error: unknown) => void): void {
  held.resolve = resolve;
  held.reject = reject;
}

/** The loops of a departure are functions of their own: what the engine compiles of them is small, and done soon. */
function itemsOf<Item>(group: readonly Waiting<Item, never>[]): readonly Item[] {
  // Not map(), whose answer is another kind of array once it is compiled: then all that reads it is compiled anew.
  const items: Item[] = [];
  for (const { item } of group) items.push(item);
  return items;
}

function resolveAll<Result>(group: readonly Waiting<unknown, Result>[], results: readonly Result[]): void {
  for (let index = 0; index < group.length; index++) group[index]?.resolve(results[index] as Result);
}
