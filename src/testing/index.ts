/**
 * What you need to test code that uses redlua: real Redis servers and clusters that start fast and end with the test, and a proxy
 * that breaks connections the way networks do.
 *
 * @module
 */
export { FaultProxy, type FaultProxyOptions, type ReplyChoice, startFaultProxy } from "./fault-proxy.ts";
export { findRedisServer, RedisServerError } from "./find-redis-server.ts";
export { ensureRedisServer, installRedisServer } from "./install-redis-server.ts";
export { type RedisCluster, type RedisClusterNode, type RedisClusterOptions, startCluster } from "./redis-cluster.ts";
export { type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
