import type { BusyPoll } from "./busy-poll.ts";
import type { Call } from "./calls.ts";

/**
 * Calls that wait, oldest first, in a list that is made of the calls themselves.
 *
 * If they all have the same timeout the oldest is the next to expire, so one timer serves all of them. A timer for each call costs a
 * tenth of the throughput.
 */
export class CallList {
  readonly #timeoutMs: number | undefined;
  readonly #expire: (call: Call) => void;
  readonly #poll: BusyPoll | undefined;
  #first: Call | undefined;
  #last: Call | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param timeoutMs the timeout of every call; `undefined` if each looks after itself
   * @param poll hears of every call that comes and goes
   */
  constructor(timeoutMs: number | undefined, expire: (call: Call) => void, poll: BusyPoll | undefined) {
    // A timer has 31 bits of milliseconds; what is longer is for ever.
    this.#timeoutMs = timeoutMs !== undefined && timeoutMs < 2 ** 31 ? timeoutMs : undefined;
    this.#expire = expire;
    this.#poll = poll;
  }

  get first(): Call | undefined {
    return this.#first;
  }

  add(call: Call): void {
    call.list = this;
    call.before = this.#last;
    if (this.#last === undefined) this.#begin(call);
    else this.#last.after = call;
    this.#last = call;
    this.#poll?.began();
  }

  remove(call: Call): void {
    if (call.before === undefined) this.#first = call.after;
    else call.before.after = call.after;
    if (call.after === undefined) this.#last = call.before;
    else call.after.before = call.before;
    call.list = call.before = call.after = undefined;
    this.#poll?.ended();
    // The timer stays for the calls to come; while there are none it keeps nothing alive.
    if (this.#first === undefined) this.#timer?.unref();
  }

  #begin(call: Call): void {
    this.#first = call;
    if (this.#timeoutMs === undefined) return;
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
    else this.#timer.ref();
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      while (this.#first !== undefined && this.#first.deadline <= now) this.#expire(this.#first);
      if (this.#first !== undefined) this.#arm(Math.ceil(this.#first.deadline - now));
    }, ms);
  }
}
