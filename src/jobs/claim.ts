import type { Duration } from "../core/index.ts";
import type { JobStatus, StoredJob } from "./job.ts";

/** A job that is held: the token proves it. */
export interface Claim {
  readonly job: StoredJob;
  readonly token: string;
  /** When the lease lapses unless it is extended, by the server's clock. */
  readonly leaseEndsAt: number;
}

/** What identifies a claim. */
export interface Held {
  readonly id: string;
  readonly token: string;
}

/** Why a job could not be claimed. */
export type NotClaimed =
  | { readonly claimed: false; readonly reason: "unknown" }
  | { readonly claimed: false; readonly reason: "not-due"; readonly dueInMs: number }
  | { readonly claimed: false; readonly reason: "in-progress"; readonly workerId: string }
  | { readonly claimed: false; readonly reason: "ended"; readonly status: JobStatus };

/** Who claims, and for how long. */
export interface ClaimOptions {
  readonly worker: string;
  /** How long the claim holds if nobody extends it. @default "30s" */
  readonly lease?: Duration;
}

/** A job's status after something was told of it; `lost` if the claim no longer holds, `gone` if there is no such job. */
export type Settled = JobStatus | "lost" | "gone";

/** What became of a claimed job, for {@link JobStore.step}. */
export interface Finished extends Held {
  /** When its claim said that its lease ends. A completed job that has it costs Redis less. */
  readonly leaseEndsAt?: number | undefined;
  readonly outcome: "completed" | "failed" | "snoozed" | "canceled";
  readonly result?: Uint8Array | string | undefined;
  /** A {@link JobFailure} in JSON. */
  readonly error?: string | undefined;
  /** Try again, or go on, so long from now. A failed job without it is dead. */
  readonly delayMs?: number | undefined;
}

/** One turn of a worker. */
export interface StepRequest {
  readonly worker: string;
  /** Never used before. */
  readonly token: string;
  readonly finished: readonly Finished[];
  readonly want: number;
  readonly leaseMs: number;
  /** The reply to this very request was lost. */
  readonly resume: boolean;
  /** The worker was idle in the last turn. */
  readonly listed: boolean;
}

/** What a turn answered. */
export interface StepReply {
  /** One for each that finished, in order. */
  readonly settled: readonly Settled[];
  readonly jobs: readonly StoredJob[];
  /** When the leases of these jobs lapse unless they are extended, by the server's clock. */
  readonly leaseEndsAt: number;
  /** When something will be due, or a lease will lapse; `undefined` if nothing is in sight or the worker is full. */
  readonly nextInMs: number | undefined;
  /** How many workers are idle, this one included. */
  readonly idle: number;
}
