import type { Attempt } from "./calls.ts";

/** A command that can be held back. */
export interface Holdable extends Attempt {
  /** Called when the caller gives up before the gate opens. */
  released: (() => void) | undefined;
}

interface Held {
  go(): void;
  refuse(error: Error): void;
}

/**
 * Holds commands back while a client is not connected.
 *
 * Client libraries have queues for this, but what was given up stays in them for as long as the outage lasts: a busy program would
 * gather gigabytes. Here it is forgotten at its deadline.
 */
export class Gate {
  readonly #held = new Set<Held>();

  /** Waits for {@link open}, then starts. What was given up until then is not started. */
  hold(sent: Holdable, start: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const held: Held = { go: () => resolve(start()), refuse: reject };
      this.#held.add(held);
      sent.released = () => this.#held.delete(held);
    });
  }

  /** The client is connected: everything that waits starts, in order. */
  open(): void {
    const waiting = [...this.#held];
    this.#held.clear();
    for (const held of waiting) held.go();
  }

  /** The client will not connect any more. */
  shut(error: Error): void {
    const waiting = [...this.#held];
    this.#held.clear();
    for (const held of waiting) held.refuse(error);
  }
}
