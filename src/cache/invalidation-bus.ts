import { randomBytes } from "node:crypto";
import type { RedisPort, Unsubscribe } from "../client/index.ts";
import { prefixed } from "../script/index.ts";
import { changesChannel } from "./keys.ts";

/** What the caches of a name tell each other: a key's entry was changed, who computed it is done, a tag was invalidated. Never a value. */
export type Change = "changed" | "done" | "tag";

/** What becomes of it. */
export interface BusListener {
  heard(change: Change, name: string): void;
  /** Messages may have been missed. */
  missed(reason: "subscribed" | "restored"): void;
}

const letters: Readonly<Record<Change, string>> = { changed: "k", done: "d", tag: "t" };
const changes = new Map(Object.entries(letters).map(([change, letter]) => [letter, change as Change]));
const idLength = 12;

/** The channel of a cache: one for all its keys and tags. */
export class InvalidationBus {
  readonly channel: string;
  /** Of this cache in this process. */
  readonly #id: string = randomBytes(9).toString("base64url");
  readonly #redis: RedisPort;
  readonly #listener: BusListener;
  #unsubscribe: Unsubscribe | undefined;

  constructor(redis: RedisPort, name: string, listener: BusListener) {
    this.#redis = redis;
    this.#listener = listener;
    this.channel = prefixed(redis.traits.prefix, changesChannel(name));
  }

  /** What to publish. */
  message(change: Change, name: string): string {
    return letters[change] + this.#id + name;
  }

  /** Listens. Resolves when the server has confirmed it. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.#redis.subscribe(this.channel, {
      message: (text) => this.#hear(text),
      restored: () => this.#listener.missed("restored"),
    });
    // What was cached before the server confirmed the channel may have been changed unheard.
    this.#listener.missed("subscribed");
  }

  async close(): Promise<void> {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    await unsubscribe?.();
  }

  #hear(text: string): void {
    const change = changes.get(text[0] ?? "");
    if (change === undefined) return;
    // Its own changes it knows; but that a lead is over may concern another of its own callers.
    if (change !== "done" && text.startsWith(this.#id, 1)) return;
    this.#listener.heard(change, text.slice(1 + idLength));
  }
}
