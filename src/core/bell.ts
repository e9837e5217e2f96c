/**
 * Wakes who waits for it, and remembers that it was rung, so a ring that nobody waits for is not missed. For one who waits at a time.
 *
 * @example
 * const bell = new Bell();
 * const unsubscribe = await redis.subscribe("news", { message: () => bell.ring(), restored: () => bell.ring() });
 * for (let news = await read(); news === undefined; news = await read()) await bell.rung(1_000);
 */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves when it is rung, was rung since the last call, or the time is up, in milliseconds. */
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
