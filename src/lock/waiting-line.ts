import { setTimeout as pause } from "node:timers/promises";
import type { Listener, Unsubscribe } from "../client/index.ts";

/** What a channel says when a lease was given back. Any other message is the owner of the place that is next. */
const freed = "freed";

/** How long a line that nobody stands in stays subscribed: contention comes in bouts. */
const lingerMs = 2_000;

/** How callers in a line are woken. */
export interface LineOptions {
  /** Listens to what the servers publish; absent if there is nothing to listen to. */
  readonly subscribe?: (listener: Listener) => Promise<Unsubscribe>;
  /** `first`: one caller of this process tries, the others wait behind it. `all`: Redis keeps the order, so each tries. */
  readonly tries: "first" | "all";
  /** Several may hold at once: who is granted wakes the next to try as well. */
  readonly shared?: boolean;
}

/**
 * Callers of this process that wait for the same resources.
 *
 * They share one subscription, and only the first of them asks Redis: what is given back wakes one caller of each process, not all.
 */
export class WaitingLine {
  readonly #options: LineOptions;
  readonly #places = new Map<string, Place>();
  #subscription: Promise<Unsubscribe | undefined> | undefined;
  #listening = false;
  readonly #idle: () => void;
  #linger: NodeJS.Timeout | undefined;

  /** @param idle called when nobody has stood in line for a while */
  constructor(options: LineOptions, idle: () => void) {
    this.#options = options;
    this.#idle = idle;
  }

  /** Whether nobody waits here. */
  get empty(): boolean {
    return this.#places.size === 0;
  }

  /** Whether waiters will be woken by a message. If not, they have to look often. */
  get listening(): boolean {
    return this.#listening;
  }

  /** Takes the last place. It is rung once the line is subscribed: only what is asked after that cannot miss a message. */
  join(owner: string): Place {
    clearTimeout(this.#linger);
    const place = new Place(this, owner);
    this.#places.set(owner, place);
    this.#subscription ??= this.#subscribe();
    if (this.#listening && this.mayTry(place)) place.ring();
    return place;
  }

  /** Wakes whom a message is for. */
  ring(message: string = freed): void {
    const named = this.#places.get(message);
    if (named !== undefined) named.ring();
    else if (message === freed) this.#ringThose();
  }

  /** Whether it is this place's turn to ask Redis. */
  mayTry(place: Place): boolean {
    return this.#options.tries === "all" || this.#first() === place;
  }

  /** Gives up a place. The next in line tries at once, unless what it waits for has just been granted to this one. */
  leave(place: Place, granted: boolean): void {
    const wasFirst = this.#first() === place;
    this.#places.delete(place.owner);
    if (this.#places.size === 0) this.#rest();
    if (!wasFirst || this.#options.tries === "all") return;
    if (granted && this.#options.shared !== true) this.#first()?.promote();
    else this.#first()?.ring();
  }

  #first(): Place | undefined {
    return this.#places.values().next().value;
  }

  #ringThose(): void {
    if (this.#options.tries === "first") this.#first()?.ring();
    else for (const place of this.#places.values()) place.ring();
  }

  async #subscribe(): Promise<Unsubscribe | undefined> {
    const ring = (): void => this.#ringThose();
    try {
      const unsubscribe = await this.#options.subscribe?.({ message: (text) => this.ring(text), restored: ring });
      this.#listening = unsubscribe !== undefined;
      return unsubscribe;
    } catch {
      // Not allowed, or Redis is away: whoever waits looks often instead, and the next bout tries again.
      return undefined;
    } finally {
      ring();
    }
  }

  #rest(): void {
    this.#linger = setTimeout(() => {
      const subscription = this.#subscription;
      this.#subscription = undefined;
      this.#listening = false;
      this.#idle();
      void subscription?.then((unsubscribe) => unsubscribe?.()).catch(() => {});
    }, lingerMs);
    this.#linger.unref();
  }
}

/** One caller's place in a line. Remembers that it was rung, so a ring that nobody waits for is not missed. */
export class Place {
  readonly owner: string;
  readonly #line: WaitingLine;
  #rung = false;
  #wake: (() => void) | undefined;
  #lookAgain: (() => void) | undefined;

  constructor(line: WaitingLine, owner: string) {
    this.#line = line;
    this.owner = owner;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** It is first now, but there is nothing to be had yet: from here on it looks by itself from time to time. */
  promote(): void {
    this.#lookAgain?.();
  }

  /**
   * Resolves when it is this place's turn to try: it was rung, or is first and has not looked for `lookMs`. Resolves in any case
   * after `leftMs`, and when the signal fires.
   *
   * @param restMs a ring is not heeded sooner
   */
  async turn(lookMs: number, leftMs: number, signal: AbortSignal | undefined, restMs: number = 0): Promise<void> {
    const endsAt = performance.now() + leftMs;
    if (restMs > 0) await pause(Math.min(restMs, leftMs), undefined, { signal }).catch(() => {});
    if (!this.#rung && signal?.aborted !== true) await this.#woken(Math.max(0, lookMs - restMs), endsAt, signal);
    this.#rung = false;
  }

  #woken(lookMs: number, endsAt: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        this.#wake = undefined;
        this.#lookAgain = undefined;
        resolve();
      };
      this.#wake = wake;
      this.#lookAgain = () => {
        clearTimeout(timer);
        const leftMs = Math.max(0, endsAt - performance.now());
        timer = setTimeout(wake, this.#line.mayTry(this) ? Math.min(lookMs, leftMs) : leftMs);
      };
      this.#lookAgain();
      signal?.addEventListener("abort", wake);
    });
  }
}

/** The lines of one lock, by what is waited for. A line that nobody needs any more is forgotten. */
export class WaitingLines {
  readonly #lines = new Map<string, WaitingLine>();

  /** The line for these resources; it is made if there is none. */
  open(name: string, options: LineOptions): WaitingLine {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = new WaitingLine(options, () => this.#lines.delete(name));
      this.#lines.set(name, line);
    }
    return line;
  }

  /** The line for these resources, if there is one. */
  find(name: string): WaitingLine | undefined {
    return this.#lines.get(name);
  }
}
