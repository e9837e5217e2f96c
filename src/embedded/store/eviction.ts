import type { Database } from "./database.ts";

/** What `maxmemory-policy` may be here. By frequency (`…-lfu`) is not kept. */
export type EvictionPolicy =
  | "noeviction"
  | "allkeys-lru"
  | "volatile-lru"
  | "allkeys-random"
  | "volatile-random"
  | "volatile-ttl";

export const evictionPolicies: readonly EvictionPolicy[] = [
  "noeviction",
  "allkeys-lru",
  "volatile-lru",
  "allkeys-random",
  "volatile-random",
  "volatile-ttl",
];

/** A key to give up, and where it is. */
export interface Victim {
  readonly database: Database;
  readonly key: string;
}

/**
 * The key that a policy gives up first; `undefined` if it may give up none. Where Redis takes the best of a few samples this takes
 * the best of all.
 */
export function keyToEvict(databases: readonly Database[], policy: EvictionPolicy): Victim | undefined {
  switch (policy) {
    case "noeviction":
      return undefined;
    case "allkeys-lru":
      return best(databases, (database) => database.leastRecentKey(false), usedAt);
    case "volatile-lru":
      return best(databases, (database) => database.leastRecentKey(true), usedAt);
    case "volatile-ttl":
      return best(
        databases,
        (database) => database.nextToExpire(),
        (database) => database.nextExpiryAt,
      );
    case "allkeys-random":
      return best(
        databases,
        (database) => database.randomKey(),
        (database) => -database.size * Math.random(),
      );
    case "volatile-random":
      return best(
        databases,
        (database) => database.randomVolatileKey(),
        (database) => -database.volatileSize * Math.random(),
      );
  }
}

function usedAt(database: Database, key: string): number {
  return database.usedAt(key) ?? 0;
}

/** The candidate with the lowest rank among the databases that offer one. */
function best(
  databases: readonly Database[],
  candidate: (database: Database) => string | undefined,
  rank: (database: Database, key: string) => number,
): Victim | undefined {
  let victim: Victim | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const database of databases) {
    if (database.size === 0) continue;
    const key = candidate(database);
    if (key === undefined) continue;
    const ranked = rank(database, key);
    if (victim === undefined || ranked < lowest) {
      victim = { database, key };
      lowest = ranked;
    }
  }
  return victim;
}
