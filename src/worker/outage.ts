/** Whom an {@link Outage} tells. */
export interface OutageListeners {
  /** The first failure after things went well. */
  readonly began: (error: unknown) => void;
  /** The first success after failures. */
  readonly ended: (failures: number, outageMs: number) => void;
}

/** Turns a stream of failures into two events an outage, so that a Redis that is away for an hour is two lines in a log. */
export class Outage {
  readonly #listeners: OutageListeners;
  #failures = 0;
  #beganAt = 0;

  constructor(listeners: OutageListeners) {
    this.#listeners = listeners;
  }

  failed(error: unknown): void {
    this.#failures++;
    if (this.#failures > 1) return;
    this.#beganAt = performance.now();
    this.#listeners.began(error);
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    const failures = this.#failures;
    this.#failures = 0;
    this.#listeners.ended(failures, performance.now() - this.#beganAt);
  }
}
