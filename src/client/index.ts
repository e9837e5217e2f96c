/**
 * The seam to Redis: the port that every adapter implements, and `connect`.
 *
 * @module
 */

export type { Arg, BlockOptions, Listener, PortTraits, RedisPort, Reply, SendOptions, Unsubscribe } from "../port/index.ts";
export { type Applied, ClientError, type ClientErrorCode } from "../port/index.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export { ConnectError } from "./errors.ts";
