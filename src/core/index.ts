/**
 * What every part of redlua shares: errors, options, durations, backoff, the life of a service, coalescing, bells.
 *
 * @module
 */
export { AbortListeners } from "./abort-listeners.ts";
export { type Backoff, type BackoffOptions, backoff } from "./backoff.ts";
export { Bell } from "./bell.ts";
export { Coalescer, type CoalescerLimits } from "./coalescer.ts";
export { type Duration, messageOf, readMs, show, toMs } from "./duration.ts";
export { Emitter, type Off } from "./emitter.ts";
export { InvalidInputError, RedluaError } from "./errors.ts";
export {
  accept,
  boolean,
  callable,
  checkCallable,
  duration,
  type Field,
  integer,
  nearest,
  number,
  oneOf,
  readOptions,
  refuseUnknown,
  required,
  text,
  withDefault,
} from "./options.ts";
export { randomId } from "./random-id.ts";
export { Service } from "./service.ts";
