import { InvalidInputError, show } from "../core/index.ts";
import type { Job, JobTypes } from "../jobs/index.ts";
import { NoHandlerError } from "./errors.ts";

/** What a handler is given beside its job. */
export interface JobContext {
  /** Fires when the job must stop: its lease is lost, it was canceled, it took too long, or the worker stops. */
  readonly signal: AbortSignal;
  /** Which attempt this is, counted from 1. */
  readonly attempt: number;
  /**
   * Tells how far the job is: anything that JSON can hold. It extends the lease too. Calls made while one is under way
   * share a round trip, and only the last of a job is sent, so it may be called as often as one likes.
   *
   * @returns whether it was noted; `false` if the lease is lost, Redis is away, JSON cannot hold it, or it is larger than
   * the queue's `maxBytes`. It never rejects.
   */
  progress(value: unknown): Promise<boolean>;
}

/** Runs a job. What it returns is the job's result; what it throws fails the attempt. */
export type Handler<Payload = unknown> = (job: Job<Payload>, context: JobContext) => unknown;

/** Handlers by job name, or one for every name. */
export type Handlers<Types extends JobTypes> =
  | { readonly [Name in keyof Types & string]?: Handler<Types[Name]> }
  | Handler<Types[keyof Types & string]>;

/** Finds the handler of a job's name. */
export type FindHandler = (name: string) => Handler;

/** Checks handlers. @throws {InvalidInputError} one is not a function, or there is none */
export function readHandlers(queue: string, handlers: unknown): FindHandler {
  if (typeof handlers === "function") return () => handlers as Handler;
  const entries = typeof handlers === "object" && handlers !== null ? Object.entries(handlers) : [];
  if (entries.length === 0) {
    throw new InvalidInputError(
      "INPUT_INVALID",
      "handlers",
      `A worker's handlers are a function, or an object of functions by job name, not ${show(handlers)}.`,
    );
  }
  for (const [name, handler] of entries) {
    if (typeof handler === "function") continue;
    throw new InvalidInputError(
      "INPUT_INVALID",
      `handlers.${name}`,
      `The handler of "${name}" must be a function, not ${show(handler)}.`,
    );
  }
  const byName = new Map(entries as [string, Handler][]);
  return (name) => {
    const handler = byName.get(name);
    if (handler === undefined) throw new NoHandlerError(queue, name);
    return handler;
  };
}
