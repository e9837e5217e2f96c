import { matchesGlob } from "../value/index.ts";
import { mode } from "./restraint.ts";
import type { Session } from "./session.ts";

/** What one client listens to. */
export interface Subscriptions {
  readonly channels: Set<string>;
  readonly patterns: Set<string>;
  readonly shardChannels: Set<string>;
}

/** The three ways to listen, each with its own words. */
export type Way = keyof Subscriptions;

const words: { readonly [way in Way]: { readonly begin: string; readonly end: string } } = {
  channels: { begin: "subscribe", end: "unsubscribe" },
  patterns: { begin: "psubscribe", end: "punsubscribe" },
  shardChannels: { begin: "ssubscribe", end: "sunsubscribe" },
};

/** Who listens to what, in the order in which they began. */
export class Channels {
  readonly channels: Map<string, Set<Session>> = new Map();
  readonly patterns: Map<string, Set<Session>> = new Map();
  readonly shardChannels: Map<string, Set<Session>> = new Map();

  /** Listens, and tells the client how much it listens to now. */
  subscribe(session: Session, way: Way, name: string): void {
    session.subscriptions ??= { channels: new Set(), patterns: new Set(), shardChannels: new Set() };
    session.mode |= mode.listening;
    session.subscriptions[way].add(name);
    const listeners = this[way].get(name);
    if (listeners === undefined) this[way].set(name, new Set([session]));
    else listeners.add(session);
    session.push([words[way].begin, name, count(session, way)]);
  }

  /** Stops listening, to a name or to all of the way, and tells the client so: once even if there was nothing. */
  unsubscribe(session: Session, way: Way, name: string | undefined): void {
    const names = name === undefined ? [...(session.subscriptions?.[way] ?? [])] : [name];
    for (const each of names) {
      this.#remove(session, way, each);
      session.push([words[way].end, each, count(session, way)]);
    }
    if (names.length === 0) session.push([words[way].end, null, count(session, way)]);
  }

  /** @returns how many heard it */
  publish(channel: string, message: string): number {
    let heard = 0;
    const listeners = this.channels.get(channel);
    if (listeners !== undefined) {
      for (const session of listeners) session.push(["message", channel, message]);
      heard += listeners.size;
    }
    for (const [pattern, sessions] of this.patterns) {
      if (!matchesGlob(pattern, channel)) continue;
      for (const session of sessions) session.push(["pmessage", pattern, channel, message]);
      heard += sessions.size;
    }
    return heard;
  }

  /** As {@link publish}, on the shard channels, which have no patterns. */
  publishToShard(channel: string, message: string): number {
    const listeners = this.shardChannels.get(channel);
    if (listeners === undefined) return 0;
    for (const session of listeners) session.push(["smessage", channel, message]);
    return listeners.size;
  }

  /** A client has left, or was reset: it listens to nothing, and is told nothing. */
  forget(session: Session): void {
    const { subscriptions } = session;
    if (subscriptions === undefined) return;
    for (const way of ["channels", "patterns", "shardChannels"] as const) {
      for (const name of subscriptions[way]) this.#remove(session, way, name);
    }
    session.subscriptions = undefined;
    session.mode &= ~mode.listening;
  }

  #remove(session: Session, way: Way, name: string): void {
    const { subscriptions } = session;
    if (subscriptions?.[way].delete(name) !== true) return;
    const listeners = this[way].get(name);
    listeners?.delete(session);
    if (listeners?.size === 0) this[way].delete(name);
    if (subscriptions.channels.size + subscriptions.patterns.size + subscriptions.shardChannels.size > 0) return;
    session.mode &= ~mode.listening;
  }
}

/** Shard channels are counted by themselves. */
function count({ subscriptions }: Session, way: Way): number {
  if (subscriptions === undefined) return 0;
  if (way === "shardChannels") return subscriptions.shardChannels.size;
  return subscriptions.channels.size + subscriptions.patterns.size;
}
