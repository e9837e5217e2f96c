/**
 * Workers: they run the jobs of a queue.
 *
 * @module
 * @example
 * const worker = new Worker(queue, { welcome: async (job) => send(job.payload) }, { concurrency: 100 });
 * await worker.start();
 */
export { cancel, JobDirective, retryAfter, snooze, unrecoverable, type Wish } from "./directive.ts";
export { JobAbortedError, NoHandlerError } from "./errors.ts";
export type { WorkerEvents } from "./events.ts";
export type { Handler, Handlers, JobContext } from "./handler.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
