/** Takes a reply or a push, outside of every command. */
export type Sink<T> = (value: T) => void;

/**
 * What is to leave the engine once the command is over that runs now: pushes, and replies of clients that it woke. Nobody
 * outside is called while a command runs, so whoever is called may call the engine again.
 */
export class Outbox {
  #sinks: Sink<never>[] = [];
  #values: unknown[] = [];
  #at = 0;
  #flushing = false;

  /** It is delivering: what comes now has to wait until it is that one's turn. */
  get flushing(): boolean {
    return this.#flushing;
  }

  get empty(): boolean {
    return this.#sinks.length === 0;
  }

  add<T>(sink: Sink<T>, value: T): void {
    this.#sinks.push(sink as Sink<never>);
    this.#values.push(value);
  }

  /** Delivers in order, what is added meanwhile too. Whoever throws loses its own alone. */
  flush(): void {
    if (this.#flushing || this.#sinks.length === 0) return;
    this.#flushing = true;
    try {
      while (this.#at < this.#sinks.length) {
        const at = this.#at++;
        (this.#sinks[at] as Sink<unknown>)(this.#values[at]);
      }
      this.#sinks = [];
      this.#values = [];
      this.#at = 0;
    } finally {
      this.#flushing = false;
      // After a throw the rest leaves with the next command, at the latest.
      if (this.#at !== 0) queueMicrotask(() => this.flush());
    }
  }
}
