import type { Policy } from "./policy.ts";

/** What the key of a policy's state is called, which is also how it is stored. */
const kinds: Readonly<Record<Policy["algorithm"], string>> = {
  gcra: "gcra", // STRING  level, when, unit, limit. Expires when all is free again
  "sliding-window": "window", // STRING  window, count, count before, length. Expires when both windows are over
  "fixed-window": "fixed", // STRING  start, count, length. Expires with the window
  "sliding-log": "log", // LIST  head, then when and cost of each call. Expires when the last call no longer counts
};

/**
 * `rate-limit:{<limiter>:<shard>}:…`: the identities of a limiter are spread over a few hash tags, so that a limiter is not bound
 * to one node of a cluster, and calls for identities that share a tag can share a round trip.
 */
export class LimiterKeys {
  readonly #shards: number;
  /** By shard, what comes before the identity in each of its keys. */
  readonly #heads: readonly (readonly string[])[];

  /** @param policies in the order in which scripts expect their states */
  constructor(limiter: string, shards: number, policies: readonly Policy[]) {
    this.#shards = shards;
    this.#heads = Array.from({ length: shards }, (_, shard) => {
      const base = baseOf(limiter, shard);
      const states = policies.flatMap(({ algorithm, name }) => {
        const state = `${base}:${kinds[algorithm]}:${name}:`;
        // LIST  as a log, of what went beyond its limit. Expires when the last of it no longer counts
        return algorithm === "sliding-log" ? [state, `${base}:burst:${name}:`] : [state];
      });
      // STRING  until when, ms. Expires then
      return [`${base}:block:`, ...states];
    });
  }

  /** Which of the hash tags an identity lies in: by FNV-1a, the same in every process. */
  shardOf(identity: string): number {
    return shardOf(identity, this.#shards);
  }

  /** Adds the keys of an identity to a list: its block, then its state under each policy. */
  add(keys: string[], shard: number, identity: string): void {
    for (const head of this.#heads[shard] as readonly string[]) keys.push(head + identity);
  }

  /** The keys of an identity. */
  of(identity: string): string[] {
    const keys: string[] = [];
    this.add(keys, this.shardOf(identity), identity);
    return keys;
  }

  /** The key of an identity's block. */
  block(identity: string): string {
    return this.of(identity)[0] as string;
  }
}

/** ZSET  permit and place → lease end, ms. Expires with the last lease. */
export function permitsKey(limiter: string, shards: number, identity: string): string {
  return `${baseOf(limiter, shardOf(identity, shards))}:permits:${identity}`;
}

function baseOf(limiter: string, shard: number): string {
  return `rate-limit:{${limiter}:${shard}}`;
}

function shardOf(identity: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < identity.length; index++) {
    hash = Math.imul(hash ^ identity.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
