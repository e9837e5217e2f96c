import { afterAll, beforeAll } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisCluster, type RedisServer, startCluster, startRedis } from "../testing/index.ts";
import { describeConcurrencyLimiter, describeRateLimiter } from "./fixtures/index.ts";

let server: RedisServer;
let cluster: RedisCluster;
let ports: Readonly<Record<"ioredis" | "nodeRedis" | "cluster" | "memory", RedisPort>>;

beforeAll(async () => {
  [server, cluster] = await Promise.all([startRedis(), startCluster()]);
  ports = {
    ioredis: await connect(server.url, { client: "ioredis" }),
    nodeRedis: await connect(server.url, { client: "node-redis" }),
    cluster: await connect(cluster.url),
    memory: await connect("memory:"),
  };
});

afterAll(async () => {
  await Promise.all(Object.values(ports ?? {}).map((port) => port.close()));
  await Promise.all([server?.stop(), cluster?.stop()]);
});

describeRateLimiter("ioredis", { redis: () => ports.ioredis, lives: 25 });
describeConcurrencyLimiter("ioredis", { redis: () => ports.ioredis });
describeRateLimiter("node-redis", { redis: () => ports.nodeRedis, lives: 2 });
describeConcurrencyLimiter("node-redis", { redis: () => ports.nodeRedis });
describeRateLimiter("cluster", { redis: () => ports.cluster, lives: 2 });
describeConcurrencyLimiter("cluster", { redis: () => ports.cluster });
describeRateLimiter("memory", { redis: () => ports.memory, lives: 2 });
describeConcurrencyLimiter("memory", { redis: () => ports.memory });
