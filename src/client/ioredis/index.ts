/**
 * redlua over an ioredis client that you have.
 *
 * @module
 */

export type { PortOptions } from "../../port/index.ts";
export type { IoredisClient, IoredisCluster, IoredisSingle } from "./client-shape.ts";
export { ioredisPort } from "./port.ts";
