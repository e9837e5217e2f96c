/**
 * The port: all that redlua asks of a Redis client, and the errors that it answers with. Adapters implement it.
 *
 * @module
 */
export { checkPort, isIoredis, isNodeRedis, notClient } from "./check-port.ts";
export { type Applied, ClientError, type ClientErrorCode } from "./errors.ts";
export { failure } from "./failure.ts";
export { guarded } from "./guarded.ts";
export type { Arg, BlockOptions, Listener, PortTraits, RedisPort, Reply, SendOptions, Unsubscribe } from "./port.ts";
export { type PortOptions, type PortSettings, portFields, readPortOptions } from "./port-options.ts";
export { refusal } from "./refusal.ts";
