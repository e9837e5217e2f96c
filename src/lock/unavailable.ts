import { ClientError } from "../client/index.ts";
import { ScriptError } from "../script/index.ts";
import { LockUnavailableError, type NodeOutcome } from "./errors.ts";

/** Replies of a server that will think differently in a moment. */
const passing = new Set([
  "CLIENT_UNAVAILABLE",
  "CLIENT_DISCONNECTED",
  "CLIENT_TIMEOUT",
  "LOADING",
  "BUSY",
  "TRYAGAIN",
  "CLUSTERDOWN",
  "MASTERDOWN",
  "READONLY",
  "NOREPLICAS",
  "MISCONF",
  "OOM",
]);

/** Whether what went wrong may be over soon. */
function isPassing(error: unknown): boolean {
  if (error instanceof ClientError) return passing.has(error.reply ?? error.code);
  return error instanceof ScriptError && passing.has(error.code);
}

/** A failed call, told as what it means for a lock. What is no failed call, such as bad input, stays what it is. */
export function unavailable(resources: readonly string[], error: unknown): unknown {
  if (!(error instanceof ScriptError || error instanceof ClientError)) return error;
  return new LockUnavailableError(error.message, {
    resources,
    nodes: [{ node: 0, outcome: "failed", error }],
    applied: error.applied,
    temporary: isPassing(error),
    cause: error,
  });
}

/** Too few of several servers could be asked. */
export function tooFew(
  resources: readonly string[],
  nodes: readonly NodeOutcome[],
  quorum: number,
  total: number,
): LockUnavailableError {
  const failed = nodes.filter((each) => each.outcome === "failed");
  const reasons = failed.map(({ node, error }) => `node ${node}: ${error.message}`).join(" ");
  return new LockUnavailableError(`${quorum} of ${total} servers are needed, and ${failed.length} failed. ${reasons}`, {
    resources,
    nodes,
    applied: "maybe",
    temporary: failed.some(({ error }) => isPassing(error)),
  });
}

/** What was taken was gone again before it could be confirmed: it lapsed, or was taken away by force. */
export function lostAtOnce(resources: readonly string[], nodes: readonly NodeOutcome[]): LockUnavailableError {
  const reason = "it was lost again while it was being taken. If Redis is slow to answer, use a longer lease.";
  return new LockUnavailableError(reason, { resources, nodes, applied: "no", temporary: true });
}
