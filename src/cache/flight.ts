import { CacheTimeoutError } from "./errors.ts";
import type { Guard } from "./guards.ts";
import { type EntrySettings, noTimeoutMs } from "./options.ts";

/** A value that has ended, and may stand in. Boxed, since the value may be `undefined`. */
export interface Stale {
  readonly value: unknown;
  /** On this process' clock: for so long. */
  readonly until: number;
}

/** One reading of a key, shared by all who ask for it in this process meanwhile. */
export class Flight {
  readonly key: string;
  /** The lead in Redis is taken with it. */
  readonly token: string;
  readonly guard: Guard;
  /** The value, whoever still waits for it. */
  done: Promise<unknown> = Promise.resolve();
  /** Redis could not be asked. */
  away = false;
  #stale: Stale | undefined;
  #known: (() => void)[] | undefined;

  constructor(key: string, token: string, guard: Guard) {
    this.key = key;
    this.token = token;
    this.guard = guard;
  }

  /** A value that may stand in while the factory runs. */
  get stale(): Stale | undefined {
    return this.#stale !== undefined && performance.now() < this.#stale.until ? this.#stale : undefined;
  }

  /** The factory runs, and this value may stand in. */
  standIn(stale: Stale): void {
    this.#stale = stale;
    for (const known of this.#known ?? []) known();
    this.#known = undefined;
  }

  /**
   * The flight's value, or what its caller takes instead of waiting longer. The flight goes on in any case.
   *
   * @param waitedMs for how long the caller has waited already
   * @throws {CacheTimeoutError} `CACHE_TIMEOUT`
   * @throws the signal's reason, if it fires
   */
  answer(
    entry: EntrySettings,
    signal: AbortSignal | undefined,
    usedStale: (flight: Flight) => void,
    waitedMs = 0,
  ): Promise<unknown> {
    if (entry.softMs >= noTimeoutMs && entry.hardMs >= noTimeoutMs && signal === undefined) return this.done;
    return new Promise((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [];
      let ended = false;
      const end = (): void => {
        ended = true;
        for (const timer of timers) clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
      };
      const settle = (error: () => unknown): void => {
        end();
        const { stale } = this;
        if (stale === undefined || entry.failSafeMs === 0) {
          reject(error());
        } else {
          usedStale(this);
          resolve(stale.value);
        }
      };
      const aborted = (): void => {
        end();
        reject(signal?.reason);
      };
      const late = (): void => settle(() => new CacheTimeoutError(this.key, entry.hardMs, "hardTimeout"));
      const soft = (): void => {
        const waited = (): void => {
          if (this.stale !== undefined) late();
        };
        if (!ended) timers.push(setTimeout(waited, Math.max(0, entry.softMs - waitedMs)));
      };
      signal?.addEventListener("abort", aborted, { once: true });
      if (entry.hardMs < noTimeoutMs) timers.push(setTimeout(late, Math.max(0, entry.hardMs - waitedMs)));
      if (entry.softMs < noTimeoutMs && entry.failSafeMs > 0) {
        if (this.#stale !== undefined) soft();
        else {
          this.#known ??= [];
          this.#known.push(soft);
        }
      }
      this.done.then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
      if (signal?.aborted) aborted();
    });
  }
}
