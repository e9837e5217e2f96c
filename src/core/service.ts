/**
 * Something that runs: it can be started twice, stopped first, stopped twice, or stopped while it starts, and each call
 * resolves when what it asked for is done. After `stop()` it may be started again.
 */
export abstract class Service {
  #running = false;
  /** Starts and stops happen one after the other, in the order they were asked for. */
  #turn: Promise<void> = Promise.resolve();

  /** Whether it was started and not stopped since. */
  get running(): boolean {
    return this.#running;
  }

  /** Starts it, unless it runs already. Resolves when it runs. */
  start(): Promise<void> {
    return this.#next(async () => {
      if (this.#running) return;
      await this.onStart();
      this.#running = true;
    });
  }

  /** Stops it, if it runs. Resolves when everything it held is given back. */
  stop(): Promise<void> {
    return this.#next(async () => {
      if (!this.#running) return;
      this.#running = false;
      await this.onStop();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  protected abstract onStart(): Promise<void>;
  protected abstract onStop(): Promise<void>;

  #next(step: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
