import { RedluaError } from "../core/index.ts";

/** Why a running job was told to stop: the reason of its handler's `signal`. Whatever the handler answers is not used. */
export class JobAbortedError extends RedluaError {
  /**
   * - `JOB_LEASE_LOST` the lease lapsed, or somebody else took the job: it runs elsewhere, or will
   * - `JOB_CANCELED` the job was canceled
   * - `JOB_TIMEOUT` the attempt took longer than it may; it counts as failed
   * - `WORKER_STOPPED` the worker stopped and could wait no longer; the job was put back
   */
  override readonly code: "JOB_LEASE_LOST" | "JOB_CANCELED" | "JOB_TIMEOUT" | "WORKER_STOPPED";
  readonly id: string;

  constructor(code: JobAbortedError["code"], id: string, message: string) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

/** A worker was given a job of a name that it has no handler for. The attempt counts as failed. */
export class NoHandlerError extends RedluaError {
  override readonly code = "WORKER_NO_HANDLER";

  constructor(queue: string, name: string) {
    super(
      `This worker of queue "${queue}" has no handler for jobs named "${name}". Add one, or a single function for every name.`,
    );
  }
}
