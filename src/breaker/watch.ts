import type { Unsubscribe } from "../client/index.ts";
import { prefixed } from "../script/index.ts";
import { breakerChannel } from "./keys.ts";
import type { SharedRules } from "./shared-rules.ts";
import { readStanding, type Standing } from "./state.ts";

/** Whom a {@link Watch} tells. */
export interface WatchListener {
  /** The breaker moved, or a permit is free again. */
  readonly heard: (standing: Standing) => void;
  /** Messages may have been missed. */
  readonly missed: () => void;
}

/** Listens to what a breaker publishes. Where it cannot, polling does: a message that never comes costs time and nothing else. */
export class Watch {
  readonly #shared: SharedRules;
  readonly #listener: WatchListener;
  #isListening = false;
  #isClosed = false;
  #unsubscribe: Unsubscribe | undefined;

  constructor(shared: SharedRules, listener: WatchListener) {
    this.#shared = shared;
    this.#listener = listener;
  }

  /** Begins to listen, unless it does already. To be called again after it failed. */
  listen(): void {
    if (this.#isListening || this.#isClosed) return;
    this.#isListening = true;
    void this.#subscribe().catch(() => {
      this.#isListening = false;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    // What cannot be ended has ended: the connection is gone.
    await unsubscribe?.().catch(() => {});
  }

  async #subscribe(): Promise<void> {
    const { redis, keys } = this.#shared;
    const channel = prefixed(redis.traits.prefix, breakerChannel(keys));
    this.#unsubscribe = await redis.subscribe(channel, {
      message: (text) => this.#hear(text),
      restored: () => this.#listener.missed(),
    });
    if (this.#isClosed) return await this.close();
    // It may have moved between the last look and the subscription.
    this.#listener.missed();
  }

  #hear(text: string): void {
    if (this.#isClosed) return;
    const [state = "", generation, leftMs, attempt] = text.split(" ");
    const standing = readStanding({
      state,
      generation: Number(generation),
      leftMs: Number(leftMs),
      attempt: Number(attempt),
    });
    if (standing !== undefined) this.#listener.heard(standing);
  }
}
