import type { Applied } from "../client/index.ts";
import { RedluaError } from "../core/index.ts";

/** What one server said to an attempt, in the order in which the servers were given. */
export type NodeOutcome =
  | { readonly node: number; readonly outcome: "granted" }
  | { readonly node: number; readonly outcome: "held"; readonly owner: string; readonly retryInMs: number }
  | { readonly node: number; readonly outcome: "failed"; readonly error: Error };

/** What is known of a lease that somebody else holds. */
export interface HeldFacts {
  readonly resources: readonly string[];
  /** Who holds it, as they call themselves; `undefined` if nobody asked Redis. */
  readonly owner: string | undefined;
  /** When the lease lapses, if nobody extends it. */
  readonly retryInMs: number;
  /** What each server said. */
  readonly nodes: readonly NodeOutcome[];
}

/** Somebody else holds the resource, and the caller did not want to wait. */
export class LockHeldError extends RedluaError implements HeldFacts {
  override readonly code = "LOCK_HELD";
  readonly resources: readonly string[];
  readonly owner: string | undefined;
  readonly retryInMs: number;
  readonly nodes: readonly NodeOutcome[];

  constructor(facts: HeldFacts) {
    super(`${listed(facts.resources)} is held${by(facts)}. Wait for it with { wait: "5s" }, or try again later.`);
    this.resources = facts.resources;
    this.owner = facts.owner;
    this.retryInMs = facts.retryInMs;
    this.nodes = facts.nodes;
  }
}

/** Somebody else held the resource for as long as the caller wanted to wait. */
export class LockTimeoutError extends RedluaError implements HeldFacts {
  override readonly code = "LOCK_TIMEOUT";
  readonly resources: readonly string[];
  readonly owner: string | undefined;
  readonly retryInMs: number;
  readonly nodes: readonly NodeOutcome[];
  readonly waitedMs: number;

  constructor(facts: HeldFacts & { readonly waitedMs: number }) {
    const waitedMs = Math.round(facts.waitedMs);
    super(`${listed(facts.resources)} was still held after ${waitedMs} ms${by(facts)}. Wait longer, or hold it for less.`);
    this.resources = facts.resources;
    this.owner = facts.owner;
    this.retryInMs = facts.retryInMs;
    this.nodes = facts.nodes;
    this.waitedMs = waitedMs;
  }
}

/** Redis, or a majority of the servers, could not be asked, or could not promise enough. The resource is not held by the caller. */
export class LockUnavailableError extends RedluaError {
  override readonly code = "LOCK_UNAVAILABLE";
  readonly resources: readonly string[];
  /** What each server said. */
  readonly nodes: readonly NodeOutcome[];
  /** `"maybe"`: a lease may have been taken. It is given back in the background, or lapses by itself. */
  readonly applied: Applied;
  /** Whether trying again may help: the server is away, or starts. Not so if it refuses the command for good. */
  readonly temporary: boolean;

  constructor(
    reason: string,
    facts: Pick<LockUnavailableError, "resources" | "nodes" | "applied" | "temporary"> & { readonly cause?: unknown },
  ) {
    super(`${listed(facts.resources)} cannot be locked: ${reason}`, { cause: facts.cause });
    this.resources = facts.resources;
    this.nodes = facts.nodes;
    this.applied = facts.applied;
    this.temporary = facts.temporary;
  }
}

/**
 * How a lease ended before its holder gave it back: `lapsed` it could not be extended in time; `taken` Redis no longer knows
 * it; `forced` somebody force-released it; `max-hold` it was held for as long as it may be; `released` its holder gave it back.
 */
export type LossReason = "lapsed" | "taken" | "forced" | "max-hold" | "released";

const losses: Readonly<Record<LossReason, string>> = {
  lapsed: "it could not be extended in time",
  taken: "Redis no longer knows it: it lapsed there, or was deleted",
  forced: "somebody released it by force",
  "max-hold": "it was held for as long as maxHold allows",
  released: "its holder gave it back",
};

/** The lease is over. Whoever holds the resource now has a larger token. */
export class LeaseLostError extends RedluaError {
  override readonly code = "LOCK_LEASE_LOST";
  readonly resources: readonly string[];
  readonly token: bigint;
  readonly reason: LossReason;

  constructor(facts: Pick<LeaseLostError, "resources" | "token" | "reason">) {
    super(
      `The lease of ${listed(facts.resources)} (token ${facts.token}) is over: ${losses[facts.reason]}. Stop what relies on it.`,
    );
    this.resources = facts.resources;
    this.token = facts.token;
    this.reason = facts.reason;
  }
}

/** Every error that a lock throws, besides those about bad input and the reason of the caller's own signal. */
export type LockError = LockHeldError | LockTimeoutError | LockUnavailableError | LeaseLostError;

function listed(resources: readonly string[]): string {
  return resources.map((each) => JSON.stringify(each)).join(", ");
}

function by({ owner, retryInMs }: HeldFacts): string {
  return owner === undefined ? "" : ` by ${owner}, whose lease lasts another ${retryInMs} ms if it is not extended`;
}
