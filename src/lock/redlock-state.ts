import type { RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import { lockKeys } from "./keys.ts";
import { majorityOf } from "./majority.ts";
import { inspect } from "./scripts.gen.ts";
import { tooFew } from "./unavailable.ts";

/** A resource as one server of a {@link Redlock} has it, or why it could not be asked. */
export type NodeState =
  | {
      readonly node: number;
      readonly outcome: "read";
      readonly owner: string | undefined;
      readonly remainingMs: number;
      readonly token: bigint | undefined;
    }
  | { readonly node: number; readonly outcome: "failed"; readonly error: Error };

/** A resource as a majority of the servers of a {@link Redlock} has it. */
export interface RedlockState {
  /** Who holds it on a majority of the servers; `undefined` if nobody is known to. */
  readonly owner: string | undefined;
  /** How long a majority has the lease if it is not extended; 0 if nobody holds it. */
  readonly remainingMs: number;
  /** The largest token that a server remembers, no less than the holder's; `undefined` if none does. */
  readonly token: bigint | undefined;
  /** What each server said. */
  readonly nodes: readonly NodeState[];
}

/**
 * Asks all servers how a resource stands, each for so long at most.
 *
 * @throws {LockUnavailableError} less than a majority answered
 */
export async function readMajority(nodes: readonly RedisPort[], resource: string, timeoutMs: number): Promise<RedlockState> {
  const { lease, fence, queue } = lockKeys(resource);
  const read = async (redis: RedisPort, node: number): Promise<NodeState> => {
    try {
      const { owner, remainingMs, token } = await run(redis, inspect, { lease, fence, queue }, {}, { timeout: timeoutMs });
      const found = { owner: owner ?? undefined, remainingMs: Math.max(0, remainingMs), token: token ?? undefined };
      return { node, outcome: "read", ...found };
    } catch (error) {
      return { node, outcome: "failed", error: error as Error };
    }
  };
  const states = await Promise.all(nodes.map(read));
  const majority = majorityOf(nodes.length);
  const answers = states.flatMap((state) => (state.outcome === "read" ? [state] : []));
  if (answers.length < majority) {
    const failed = states.flatMap((state) => (state.outcome === "failed" ? [state] : []));
    throw tooFew([resource], failed, majority, nodes.length);
  }
  const tokens = answers.flatMap(({ token }) => (token === undefined ? [] : [token]));
  const token = tokens.reduce<bigint | undefined>((most = 0n, each) => (each > most ? each : most), undefined);
  for (const owner of new Set(answers.map((answer) => answer.owner))) {
    const held = answers.filter((answer) => answer.owner === owner);
    if (owner === undefined || held.length < majority) continue;
    // A majority has it until so many have lost it that those left are too few.
    const longestFirst = held.map(({ remainingMs }) => remainingMs).sort((a, b) => b - a);
    return { owner, remainingMs: longestFirst[majority - 1] ?? 0, token, nodes: states };
  }
  return { owner: undefined, remainingMs: 0, token, nodes: states };
}
