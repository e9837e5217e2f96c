import { type Channel, channel } from "node:diagnostics_channel";
import type { UntypedScript } from "./define.ts";

/** One call of a script, as published on `diagnostics_channel` `redlua:script:run` when it is over. */
export interface ScriptEvent {
  /** Name of the script: `lock.acquire`. */
  readonly script: string;
  readonly sha: string;
  /** From the call to its outcome, in milliseconds with fractions. */
  readonly durationMs: number;
  readonly outcome: "ok" | "error";
  /** Present if the call failed. */
  readonly error?: unknown;
  /** Bytes of keys and arguments. */
  readonly sentBytes: number;
  /** Bytes of the reply's strings; 8 for each number. */
  readonly receivedBytes: number;
  /** How often it was sent again: 1 if the script had to be loaded first. */
  readonly retries: number;
}

/** Where every call of a script is published. */
export const scriptRuns: Channel = channel("redlua:script:run");

/** How a call ended, and when it began, by `performance.now()`. */
export type RunOutcome = Pick<ScriptEvent, "outcome" | "error"> & { readonly startedAt: number };

/** Publishes that a call is over. */
export function publishRun(
  { name, sha }: UntypedScript,
  { startedAt, ...facts }: Omit<ScriptEvent, "script" | "sha" | "durationMs"> & RunOutcome,
): void {
  scriptRuns.publish({ script: name, sha, durationMs: performance.now() - startedAt, ...facts } satisfies ScriptEvent);
}
