/**
 * The seam to Redis: the port that every adapter implements, and `connect`.
 *
 * @module
 */
export { type ConnectOptions, connect } from "./connect.ts";
export { type Applied, ClientError, type ClientErrorCode, ConnectError } from "./errors.ts";
export type { Arg, BlockOptions, Listener, PortTraits, RedisPort, Reply, SendOptions, Unsubscribe } from "./port.ts";
