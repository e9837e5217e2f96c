import { backoff } from "../core/index.ts";
import type { Listener, Unsubscribe } from "../port/index.ts";
import { failure, guarded } from "../port/index.ts";
import { after, within } from "./within.ts";

/** One connection that subscribes. It never reconnects by itself. */
export interface SubscriberLink {
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  close(): void;
}

/** What a link reports. */
export interface SubscriberEvents {
  message(channel: string, text: string): void;
  /** The connection is gone. */
  lost(): void;
}

export type OpenSubscriber = (events: SubscriberEvents) => Promise<SubscriberLink>;

interface Entry {
  readonly listener: Listener;
  /** Called when the server has confirmed the channel for the first time; gone after it. */
  confirmed: (() => void) | undefined;
}

const pause = backoff({ base: 50, factor: 2, max: "5s", jitter: "half" });

/**
 * The subscriptions of one port, on one connection: opened when the first is wanted, and anew when it is lost.
 *
 * What is wanted and what the server has confirmed are kept apart; `#sync` brings the second to the first, as often as it takes.
 */
export class Subscriptions {
  readonly #open: OpenSubscriber;
  readonly #timeoutMs: number;
  readonly #wanted = new Map<string, Set<Entry>>();
  readonly #confirmed = new Set<string>();
  readonly #waits = new Set<() => void>();
  #link: SubscriberLink | undefined;
  #turn: Promise<void> = Promise.resolve();
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param timeoutMs how long the server may take to confirm a channel, connecting included */
  constructor(open: OpenSubscriber, timeoutMs: number) {
    this.#open = open;
    this.#timeoutMs = timeoutMs;
  }

  /** Adds a listener. Resolves when the server has confirmed the channel. */
  async add(channel: string, listener: Listener): Promise<Unsubscribe> {
    if (this.#closed) throw failure("CLIENT_CLOSED", false);
    const entry: Entry = { listener, confirmed: undefined };
    const confirmed = new Promise<void>((resolve, reject) => {
      const give = (code: "CLIENT_UNAVAILABLE" | "CLIENT_CLOSED") => (): void => reject(failure(code, false));
      const closed = give("CLIENT_CLOSED");
      const timer = after(this.#timeoutMs, give("CLIENT_UNAVAILABLE"));
      this.#waits.add(closed);
      entry.confirmed = () => {
        clearTimeout(timer);
        this.#waits.delete(closed);
        resolve();
      };
    });
    this.#wanted.set(channel, (this.#wanted.get(channel) ?? new Set()).add(entry));
    this.#sync();
    try {
      await confirmed;
    } catch (error) {
      entry.confirmed?.();
      this.#remove(channel, entry);
      throw error;
    }
    return async () => this.#remove(channel, entry);
  }

  /** Ends the connection and every subscription. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const end of this.#waits) end();
    this.#wanted.clear();
    this.#drop();
  }

  #remove(channel: string, entry: Entry): void {
    const entries = this.#wanted.get(channel);
    if (!entries?.delete(entry) || entries.size > 0) return;
    this.#wanted.delete(channel);
    this.#sync();
  }

  /** One after the other: the last word on a channel is the last one said. */
  #sync(): void {
    this.#turn = this.#turn.then(async () => {
      try {
        await this.#reconcile();
        this.#failures = 0;
      } catch {
        this.#again();
      }
    });
  }

  async #reconcile(): Promise<void> {
    const missing = [...this.#wanted.keys()].filter((channel) => !this.#confirmed.has(channel));
    const extra = [...this.#confirmed].filter((channel) => !this.#wanted.has(channel));
    if (this.#closed) return;
    if (missing.length > 0) {
      this.#link ??= await this.#connect();
      const link = this.#link;
      await within(this.#timeoutMs, link.subscribe(missing));
      if (this.#link !== link) throw new Error("The connection was lost while it subscribed.");
      for (const channel of missing) this.#confirmed.add(channel);
    }
    for (const channel of extra) {
      this.#confirmed.delete(channel);
      if (this.#link !== undefined) await within(this.#timeoutMs, this.#link.unsubscribe(channel));
    }
    this.#tell(new Set(missing));
  }

  /** Tells who waits that it has what it waits for, and who had it before that it is back. */
  #tell(fresh: ReadonlySet<string>): void {
    for (const channel of this.#confirmed) {
      for (const entry of this.#wanted.get(channel) ?? []) {
        const { confirmed, listener } = entry;
        entry.confirmed = undefined;
        if (confirmed !== undefined) confirmed();
        else if (fresh.has(channel)) guarded(() => listener.restored?.());
      }
    }
  }

  async #connect(): Promise<SubscriberLink> {
    let gone = false;
    let link: SubscriberLink | undefined;
    link = await this.#open({
      message: (channel, text) => {
        for (const { listener } of this.#wanted.get(channel) ?? []) guarded(() => listener.message(text));
      },
      lost: () => {
        gone = true;
        if (link !== undefined && link === this.#link) this.#again();
      },
    });
    if (!gone && !this.#closed) return link;
    link.close();
    throw new Error("The connection was lost at once.");
  }

  /** Gives up the connection, and tries with another in a while, if anybody listens. */
  #again(): void {
    this.#drop();
    clearTimeout(this.#timer);
    if (this.#closed || this.#wanted.size === 0) return;
    this.#timer = setTimeout(() => this.#sync(), pause(++this.#failures));
  }

  #drop(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#confirmed.clear();
    link?.close();
  }
}
