/**
 * Jobs: added to a queue, claimed under a lease, finished with a token, retried, recovered, kept for a while.
 *
 * @module
 * @example
 * const queue = new Queue(redis, "email");
 * await queue.add("welcome", { to: "a@example.com" }, { delay: "5m" });
 */
export type { Claim, ClaimOptions, Finished, Held, NotClaimed, Settled, StepReply, StepRequest } from "./claim.ts";
export { bytes, type Codec, json } from "./codec.ts";
export { JobPartitionsError, JobTooLargeError } from "./errors.ts";
export { failureOf } from "./failure.ts";
export { hasEnded, type Job, type JobFailure, type JobStatus, type StoredJob } from "./job.ts";
export type { JobChanges } from "./job-changes.ts";
export { fromHash, type JobHash, toHash } from "./job-hash.ts";
export { type JobPage, type JobStats, JobStore } from "./job-store.ts";
export { type JobKeys, jobKeys, workerChannel } from "./keys.ts";
export type { Created, JobRow, NewJob } from "./new-job.ts";
export type { JobSet, PageOptions } from "./page.ts";
export { type Addition, type AddOptions, type JobTypes, type ListedStatus, Queue, type QueueOptions } from "./queue.ts";
export type { JobStoreOptions, Retention, StoreLimits } from "./store-options.ts";
