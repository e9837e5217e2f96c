import type { Off } from "../core/index.ts";
import type { NodeOutcome } from "./errors.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** One try to take a lease. */
export interface TakeRequest {
  /** Unique to the try, unless the source says that all tries may share it. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Whether the caller would wait: only who waits stands in line. */
  readonly waits: boolean;
  readonly signal: AbortSignal | undefined;
  /** How long Redis may take to answer; the connection's own timeout if not given. */
  readonly timeoutMs: number | undefined;
}

/** What became of a try. */
export type Taking = { readonly granted: true; readonly token: bigint } | Denial;

/** Somebody else holds what was asked for. */
export interface Denial {
  readonly granted: false;
  readonly owner: string | undefined;
  readonly retryInMs: number;
  readonly nodes: readonly NodeOutcome[];
}

/** Who holds a lease. */
export interface Holder {
  readonly owner: string;
  readonly token: bigint;
}

/** Where leases of certain resources come from: one server, several, or a semaphore. */
export interface LeaseSource {
  readonly resources: readonly string[];
  /** A failed try gives back what it had, maybe late: the next one needs an owner of its own. */
  readonly ownerPerTry: boolean;
  /** Whether callers of this process wait for these resources already. */
  readonly crowded: boolean;
  /** Where callers of this process wait for these resources. */
  line(): WaitingLine;
  /**
   * Tries once.
   *
   * @throws {LockUnavailableError} nobody can say who holds it
   */
  take(request: TakeRequest): Promise<Taking>;
  /** Extends a lease. `false`: it is lost. Rejects if nobody can say. */
  extend(holder: Holder, leaseMs: number, timeoutMs: number): Promise<boolean>;
  /** Gives a lease back. `false`: it was lost before. Rejects if nobody can say. */
  give(owner: string, timeoutMs: number | undefined): Promise<boolean>;
  /** Called when a caller stops waiting without having been granted anything. Never rejects. */
  leave?(owner: string): Promise<void>;
  /** Calls back when the lease of an owner is taken away by force. */
  watch?(owner: string, revoked: () => void): Off;
}
