import type { RedisPort } from "../client/index.ts";
import type { NodeOutcome } from "./errors.ts";

/** What several servers said, as far as it was needed to know the result. */
export interface Poll {
  /** Whether a majority granted. */
  readonly won: boolean;
  /** How many could not be asked. */
  readonly failed: number;
  readonly outcomes: readonly NodeOutcome[];
}

/** More than half, and never less: with half of the servers each, two could hold at once. */
export function majorityOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/**
 * Asks all servers at once. Resolves as soon as a majority granted, or no majority can be had any more; what comes later is not
 * waited for.
 */
export function ask(nodes: readonly RedisPort[], call: (redis: RedisPort, node: number) => Promise<NodeOutcome>): Promise<Poll> {
  const majority = majorityOf(nodes.length);
  const outcomes: NodeOutcome[] = [];
  return new Promise((resolve) => {
    const hear = (outcome: NodeOutcome): void => {
      outcomes.push(outcome);
      const granted = outcomes.filter((each) => each.outcome === "granted").length;
      if (granted < majority && outcomes.length - granted <= nodes.length - majority) return;
      const failed = outcomes.filter((each) => each.outcome === "failed").length;
      resolve({ won: granted >= majority, failed, outcomes: [...outcomes].sort((a, b) => a.node - b.node) });
    };
    for (const [node, redis] of nodes.entries()) {
      call(redis, node).then(hear, (error: Error) => hear({ node, outcome: "failed", error }));
    }
  });
}
