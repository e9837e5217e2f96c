/**
 * redlua over a node-redis client that you have.
 *
 * @module
 */
export type { PortOptions } from "../../port/index.ts";
export type { NodeRedisClient, NodeRedisCluster, NodeRedisSingle } from "./client-shape.ts";
export { nodeRedisPort } from "./port.ts";
