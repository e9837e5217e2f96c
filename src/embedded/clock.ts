import { type Duration, InvalidInputError, show, toMs } from "../core/index.ts";
import type { Clock } from "./store/index.ts";

/** A timer has 31 bits of milliseconds; what is due later is looked at again then. */
const timerMax = 2 ** 31 - 1;

/** So far may the finer clock be off before it is set by the coarser one. */
const offMsMax = 20;

// Kept: reading it costs ten times what reading the clock does.
let { timeOrigin } = performance;

/** The time with its fractions, which stand still while the machine sleeps: the clock that is set says how late it is. */
function readClock(): number {
  const fine = timeOrigin + performance.now();
  const off = Date.now() - fine;
  if (off < offMsMax && off > -offMsMax) return fine;
  timeOrigin += off;
  return fine + off;
}

/** The clock of the machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: readClock,
  after(ms, wake) {
    let timer: NodeJS.Timeout;
    const sleep = (left: number): void => {
      timer = setTimeout(() => (left > timerMax ? sleep(left - timerMax) : wake()), Math.min(left, timerMax));
      timer.unref();
    };
    sleep(ms);
    return () => clearTimeout(timer);
  },
};

interface Wake {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that moves only when it is told to: expiry, delays, leases and everything else that a script reads from the server's
 * clock happen when the test says so.
 *
 * @example
 * const clock = new ManualClock();
 * const redis = createEmbedded({ clock });
 * redis.execute("SET", "code", "1234", "EX", "60");
 * clock.advance("1m");
 * redis.execute("GET", "code"); // null
 */
export class ManualClock implements Clock {
  #now: number;
  /** In the order in which they are due. */
  readonly #wakes: Wake[] = [];

  /** @param start milliseconds since 1970, or a date; the present, in whole milliseconds, by default */
  constructor(start: number | Date = Date.now()) {
    this.#now = instant(start);
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, wake: () => void): () => void {
    const due: Wake = { at: this.#now + ms, wake };
    let place = this.#wakes.length;
    while (place > 0 && (this.#wakes[place - 1] as Wake).at > due.at) place--;
    this.#wakes.splice(place, 0, due);
    return () => {
      const at = this.#wakes.indexOf(due);
      if (at !== -1) this.#wakes.splice(at, 1);
    };
  }

  /** Lets time pass. All that is due by then happens, in the order of its time, before this returns. */
  advance(by: Duration): void {
    this.set(this.#now + toMs(by, "advance"));
  }

  /** Sets the time, forwards or back. */
  set(now: number | Date): void {
    const target = instant(now);
    for (let next = this.#wakes[0]; next !== undefined && next.at <= target; next = this.#wakes[0]) {
      this.#wakes.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = target;
  }
}

function instant(value: number | Date): number {
  const ms = Number(value);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new InvalidInputError(
    "INPUT_INVALID",
    "time",
    `A clock is set to milliseconds since 1970, or a Date, not ${show(value)}.`,
  );
}
