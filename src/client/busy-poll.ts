/** A reply that is not there by then is waited for asleep, in ms. */
const mostMs = 0.25;
/** Replies that take longer on average cost less asleep than awake, in ms. */
const worthMs = 0.125;
/** While replies take longer, one call in so many is polled for, to learn when they no longer do. */
const probeEvery = 256;
/** How much of the average the last wait is. */
const weight = 1 / 8;

/** What time it is, and what comes in the next round of the event loop. */
export interface Rounds {
  now(): number;
  next(callback: () => void): void;
}

const eventLoop: Rounds = { now: () => performance.now(), next: (callback) => setImmediate(callback) };

/**
 * Keeps the event loop from going to sleep between a command and its reply, when replies come so soon that to fall asleep and be
 * woken takes longer than to wait: from a Redis on the same machine or in the same rack. Everything else that the loop has to do
 * it does meanwhile. Where replies take longer it learns so, and lets the loop sleep.
 *
 * Source: A. R. Karlin, K. Li, M. S. Manasse, S. Owicki, "Empirical Studies of Competitive Spinning for a Shared-Memory
 * Multiprocessor", SOSP 1991: to spin for as long as it costs to block is never more than twice as dear as what is best.
 */
export class BusyPoll {
  readonly #rounds: Rounds;
  #waiting = 0;
  #polling = false;
  #answered = false;
  #since = 0;
  /** How long a reply was waited for on average, in ms. */
  #meanMs = 0;
  #skipped = 0;

  constructor(rounds: Rounds = eventLoop) {
    this.#rounds = rounds;
  }

  /** A call waits for its reply from now on. */
  began(): void {
    this.#waiting++;
    if (this.#polling) return;
    if (this.#meanMs > worthMs && ++this.#skipped < probeEvery) return;
    this.#skipped = 0;
    this.#polling = true;
    this.#answered = false;
    this.#since = this.#rounds.now();
    this.#rounds.next(this.#round);
  }

  /** A call waits no longer. */
  ended(): void {
    this.#waiting--;
    // Those that are answered together were waited for once.
    if (!this.#polling || this.#answered) return;
    this.#answered = true;
    this.#learn(this.#rounds.now() - this.#since);
  }

  readonly #round = (): void => {
    const now = this.#rounds.now();
    if (this.#answered) {
      this.#answered = false;
      this.#since = now;
    }
    if (this.#waiting > 0 && now - this.#since < mostMs) {
      this.#rounds.next(this.#round);
      return;
    }
    this.#polling = false;
    if (this.#waiting > 0) this.#learn(mostMs);
  };

  #learn(waitedMs: number): void {
    this.#meanMs += (Math.min(waitedMs, mostMs) - this.#meanMs) * weight;
  }
}
