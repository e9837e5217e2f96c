/** A reply that is not there by then is waited for asleep, in ms. */
const mostMs = 0.3;
/** What part of its wait a reply must come sooner for the loop to be kept awake, and to be kept so. */
const worth = { begin: 0.3, goOn: 0.2 };
/** So many waits are measured, two by two awake and asleep, before anything is decided. */
const trial = 64;
/** Then one in so many is spent in the other way, to learn whether that is the better one now. Odd: calls of two kinds may alternate. */
const probeEvery = { awake: 61, asleep: 251 };
/** How much of an average the last wait is. */
const weight = 1 / 8;

/** What time it is, and what comes in the next round of the event loop. */
export interface Rounds {
  now(): number;
  next(callback: () => void): void;
}

const eventLoop: Rounds = { now: () => performance.now(), next: (callback) => setImmediate(callback) };

/**
 * Keeps the event loop from going to sleep between a command and its reply, where to fall asleep and be woken takes much of the
 * time that a reply takes: with a Redis on the same machine or in the same rack. Everything else that the loop has to do it does
 * meanwhile. Whether replies do come sooner is measured; where they do not, the loop sleeps.
 *
 * Source: A. R. Karlin, K. Li, M. S. Manasse, S. Owicki, "Empirical Studies of Competitive Spinning for a Shared-Memory
 * Multiprocessor", SOSP 1991.
 */
export class BusyPoll {
  readonly #rounds: Rounds;
  /** How long the first reply was waited for on average, in ms. */
  readonly #meanMs = { awake: 0, asleep: 0 };
  #isWorth = false;
  #waits = 0;
  /** Calls without a reply. */
  #open = 0;
  /** How the reply is waited for that comes next, if it is measured. */
  #how: "awake" | "asleep" | undefined;
  #since = 0;
  #answered = false;

  constructor(rounds: Rounds = eventLoop) {
    this.#rounds = rounds;
  }

  /** A call waits for its reply from now on. */
  began(): void {
    this.#open++;
    if (this.#how !== undefined) return;
    this.#how = this.#choose();
    this.#answered = false;
    this.#since = this.#rounds.now();
    if (this.#how === "awake") this.#rounds.next(this.#round);
  }

  /** A call waits no longer. */
  ended(): void {
    this.#open--;
    // Those that are answered together were waited for once.
    if (this.#how === undefined || this.#answered) return;
    this.#learn(this.#how, this.#rounds.now() - this.#since);
    if (this.#how === "awake") this.#answered = true;
    else this.#how = undefined;
  }

  readonly #round = (): void => {
    const now = this.#rounds.now();
    if (this.#answered) {
      this.#answered = false;
      this.#since = now;
    }
    if (this.#open > 0 && now - this.#since < mostMs) {
      this.#rounds.next(this.#round);
      return;
    }
    if (this.#open > 0) this.#learn("awake", mostMs);
    this.#how = undefined;
  };

  #choose(): "awake" | "asleep" {
    const wait = this.#waits++;
    if (wait < trial) return wait % 4 < 2 ? "awake" : "asleep";
    if (this.#isWorth) return wait % probeEvery.awake === 0 ? "asleep" : "awake";
    return wait % probeEvery.asleep === 0 ? "awake" : "asleep";
  }

  #learn(how: "awake" | "asleep", waitedMs: number): void {
    const mean = this.#meanMs;
    const ms = Math.min(waitedMs, mostMs);
    mean[how] = mean[how] === 0 ? ms : mean[how] + (ms - mean[how]) * weight;
    this.#isWorth = 1 - mean.awake / mean.asleep > (this.#isWorth ? worth.goOn : worth.begin);
  }
}
