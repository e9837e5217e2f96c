/**
 * Those who wait, by the signal that ends their wait, with one listener a signal that they all share: Node warns of a leak at
 * the eleventh listener of a signal, and a signal that ends a program ends many waits.
 *
 * @example
 * const waits = new AbortListeners<() => void>((end) => end());
 * waits.add(signal, end);
 */
export class AbortListeners<Waiter> {
  readonly #end: (waiter: Waiter, signal: AbortSignal) => void;
  readonly #known = new WeakMap<AbortSignal, { readonly waiters: Set<Waiter>; readonly abort: () => void }>();

  /** @param end what happens to each that waits when its signal fires */
  constructor(end: (waiter: Waiter, signal: AbortSignal) => void) {
    this.#end = end;
  }

  /** From now on the signal ends this wait. A signal that has fired ends nothing: look at `signal.aborted` first. */
  add(signal: AbortSignal, waiter: Waiter): void {
    const known = this.#known.get(signal);
    if (known !== undefined) {
      known.waiters.add(waiter);
      return;
    }
    const waiters = new Set([waiter]);
    const abort = (): void => {
      for (const each of waiters) this.#end(each, signal);
    };
    this.#known.set(signal, { waiters, abort });
    signal.addEventListener("abort", abort, { once: true });
  }

  /** The wait is over. With the last of them the listener goes. */
  delete(signal: AbortSignal, waiter: Waiter): void {
    const known = this.#known.get(signal);
    if (known === undefined || !known.waiters.delete(waiter) || known.waiters.size > 0) return;
    this.#known.delete(signal);
    signal.removeEventListener("abort", known.abort);
  }
}
