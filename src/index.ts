/**
 * Typed, atomic Redis for TypeScript: connect here, and take the rest from the doors of its parts.
 *
 * @module
 * @example
 * import { connect } from "redlua";
 *
 * const redis = await connect("redis://localhost:6379", { prefix: "shop" });
 */
export {
  type Applied,
  type Arg,
  ClientError,
  type ClientErrorCode,
  ConnectError,
  type ConnectOptions,
  connect,
  type RedisPort,
  type Reply,
} from "./client/index.ts";
export { type Duration, InvalidInputError, RedluaError } from "./core/index.ts";
