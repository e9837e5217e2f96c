import { createHash } from "node:crypto";
import { InvalidInputError, show } from "../core/index.ts";
import { hashTag } from "../script/index.ts";

/**
 * `counter:{<id>}:<name>`: one hash tag an id, so the ids of a counter are spread over a cluster.
 *
 * HASH  value, resetAt. Expires when the counter's period ends
 */
export function counterKey(name: string, id: string): string {
  return `counter:{${id}}:${name}`;
}

/** The keys of a leaderboard: prefixes, to which the start of a period in milliseconds, or `all`, is added. */
export interface LeaderboardKeys {
  readonly scores: string;
  readonly members: string;
  readonly metadata: string;
  readonly distinct: string;
  readonly about: string;
}

/**
 * `leaderboard:{<name>}:…`: one hash tag, so all periods of a leaderboard live in one slot. All keys of a period expire together:
 * `ttl` after the last write or, if there are periods, `keep` after its end.
 */
export function leaderboardKeys(name: string): LeaderboardKeys {
  const base = `leaderboard:{${name}}`;
  return {
    scores: `${base}:scores:`, // ZSET  member → score; negative if high scores come first, so the best is at the front
    members: `${base}:members:`, // HASH  member → how it is called in scores, if ties are broken by time
    metadata: `${base}:metadata:`, // HASH  member → what its writer says of it
    distinct: `${base}:distinct:`, // ZSET  each score once, for dense ranks
    about: `${base}:about:`, // HASH  layout; place, the last in time
  };
}

/** The keys of one shard of sessions: prefixes, to which the id of a session or the name of a user is added. */
export interface SessionKeys {
  readonly sessions: string;
  readonly users: string;
}

/**
 * `session:{<name>:<shard>}:…`: one hash tag a shard. The sessions of a user are in one shard, so what concerns them all is one script,
 * and users are spread over a cluster.
 */
export function sessionKeys(name: string, shard: number): SessionKeys {
  const base = `session:{${name}:${shard}}`;
  return {
    sessions: `${base}:id:`, // HASH  one a session, or what is left of one that has ended. Expires with it
    users: `${base}:user:`, // ZSET  one a user: session → expires at, ms. Expires with the last session
  };
}

/** Which shard a user's sessions are in, the same in every process. */
export function shardOf(user: string, shards: number): number {
  return createHash("sha1").update(user).digest().readUInt32BE(0) % shards;
}

/**
 * Checks a name that becomes part of a hash tag.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`
 */
export function checkName(field: string, name: unknown): asserts name is string {
  if (typeof name === "string" && name.length <= 512 && hashTag(`{${name}}`) === name) return;
  throw new InvalidInputError(
    "INPUT_INVALID",
    field,
    `${field} must be text of 1 to 512 characters without "}", not ${show(name)}.`,
  );
}
