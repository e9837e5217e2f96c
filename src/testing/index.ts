/**
 * What you need to test code that uses redlua: Redis in the test's own process, with a clock that the test turns; real servers and
 * clusters that start fast and end with the test; and a proxy that breaks connections the way networks do.
 *
 * @module
 * @example
 * const clock = new ManualClock();
 * await using redis = createEmbedded({ clock });
 * const lock = new Lock(redis.connect(), { lease: "30s", renew: false });
 */
export { createEmbedded, type EmbeddedOptions, type EmbeddedRedis, ManualClock } from "../embedded/index.ts";
export { FaultProxy, type FaultProxyOptions, type ReplyChoice, startFaultProxy } from "./fault-proxy.ts";
export { findRedisServer, RedisServerError } from "./find-redis-server.ts";
export { ensureRedisServer, installRedisServer } from "./install-redis-server.ts";
export { type RedisCluster, type RedisClusterNode, type RedisClusterOptions, startCluster } from "./redis-cluster.ts";
export { type RedisServer, type RedisServerOptions, startRedis, type TestEngine } from "./redis-server.ts";
