import type { LossReason } from "./errors.ts";
import type { Release } from "./held.ts";

/** What a lock, a Redlock or a semaphore tells: `lock.on("lose", …)`, and the `diagnostics_channel` `redlua:lock:lose`. */
export interface LockEvents {
  /** A lease was taken. */
  readonly acquire: LeaseEvent & { readonly waitedMs: number };
  /** Somebody else held the resource until the caller gave up. `owner` is who held it last, if that is known. */
  readonly deny: { readonly resources: readonly string[]; readonly owner: string | undefined; readonly waitedMs: number };
  /** A lease was given back by its holder. */
  readonly release: LeaseEvent & { readonly outcome: Release; readonly heldMs: number };
  /** A lease was lost. */
  readonly lose: LeaseEvent & { readonly reason: LossReason };
}

/** Whose lease an event is about. */
export interface LeaseEvent {
  readonly resources: readonly string[];
  readonly token: bigint;
  readonly owner: string;
}
