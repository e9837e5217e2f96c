import type { Job, Settled } from "../jobs/index.ts";
import type { JobAbortedError } from "./errors.ts";

/** What a worker tells. Each is also published on the `diagnostics_channel` `redlua:worker:<event>`. */
export interface WorkerEvents {
  /** A job ended, or goes on later: `status` says how. `error` is what its handler threw. */
  readonly settled: {
    readonly worker: string;
    readonly job: Job;
    readonly status: Settled;
    readonly durationMs: number;
    readonly error: unknown;
  };
  /** A job was told to stop: its lease is lost, it was canceled, or the worker stopped. */
  readonly aborted: { readonly worker: string; readonly job: Job; readonly reason: JobAbortedError };
  /** Redis could not be asked; told once an outage, of each partition. The worker goes on trying. */
  readonly error: { readonly worker: string; readonly error: unknown };
  /** Redis answers again. */
  readonly recovered: { readonly worker: string; readonly failures: number; readonly outageMs: number };
}
