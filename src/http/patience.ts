import type { StoredJob } from "../jobs/index.ts";
import { appliedPreferences, type Preferences, readPrefer } from "./prefer.ts";
import type { Settings } from "./settings.ts";

/** How a request may be held back, and what is said of it. */
export interface Patience {
  readonly waitMs: number;
  /** `Preference-Applied`, if there is anything to say. */
  readonly headers: Record<string, string>;
}

/** Holds requests back until a job has ended, so many at a time. */
export class WaitingRoom {
  readonly #settings: Settings;
  #waiting = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** What a request prefers and can have: no longer than `maxWait`, and no waiting when the room is full. */
  patienceFor(request: Request): Patience {
    const preferred = readPrefer(request.headers.get("prefer"));
    const full = this.#waiting >= this.#settings.maxWaiting;
    const seconds = Math.min(preferred.waitSeconds ?? 0, Math.floor(this.#settings.maxWaitMs / 1_000));
    const applied: Preferences = {
      respondAsync: preferred.respondAsync,
      waitSeconds: preferred.waitSeconds === undefined || full ? undefined : seconds,
    };
    return { waitMs: full ? 0 : seconds * 1_000, headers: appliedPreferences(applied) };
  }

  /** A place for a stream, which is left by calling what this answers; `undefined` if the room is full. */
  enter(): (() => void) | undefined {
    if (this.#waiting >= this.#settings.maxWaiting) return undefined;
    this.#waiting++;
    return () => void this.#waiting--;
  }

  /**
   * Waits until a job has ended, or the time is up. A client that goes away ends the wait, and never the job.
   *
   * @returns the job as it is then, or `undefined` if it is gone
   * @throws the reason of the request's signal
   */
  async waitFor(request: Request, id: string, waitMs: number, part: "job" | "result"): Promise<StoredJob | undefined> {
    const { queue } = this.#settings;
    this.#waiting++;
    try {
      await queue.storeOf(id).wait(id, { timeout: waitMs, signal: request.signal });
      return await queue.storeOf(id).peek(id, { result: part === "result" });
    } finally {
      this.#waiting--;
    }
  }
}
