import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisCluster, type RedisServer, startCluster, startRedis } from "../testing/index.ts";
import { describeBoundedCache, describeHybridCache, keysWithoutTtl } from "./fixtures/index.ts";

let server: RedisServer;
let cluster: RedisCluster;
let ports: Readonly<Record<"ioredis" | "nodeRedis" | "cluster" | "memory" | "prefixed", RedisPort>>;

beforeAll(async () => {
  [server, cluster] = await Promise.all([startRedis(), startCluster()]);
  ports = {
    ioredis: await connect(server.url, { client: "ioredis" }),
    nodeRedis: await connect(server.url, { client: "node-redis" }),
    cluster: await connect(cluster.url),
    memory: await connect("memory:"),
    prefixed: await connect(server.url, { prefix: "shop" }),
  };
});

afterAll(async () => {
  await Promise.all(Object.values(ports ?? {}).map((port) => port.close()));
  await Promise.all([server?.stop(), cluster?.stop()]);
});

describeHybridCache("ioredis", { redis: () => ports.ioredis });
describeHybridCache("node-redis", { redis: () => ports.nodeRedis });
describeHybridCache("cluster", { redis: () => ports.cluster });
describeBoundedCache("ioredis", { redis: () => ports.ioredis });
describeBoundedCache("node-redis", { redis: () => ports.nodeRedis });
describeBoundedCache("cluster", { redis: () => ports.cluster });
describeHybridCache("memory", { redis: () => ports.memory });
describeBoundedCache("memory", { redis: () => ports.memory });

test("nothing that a cache left behind stays for ever", async () => {
  expect(await ports.ioredis.send(["DBSIZE"], { resend: "ok" })).toBeGreaterThan(10);
  expect(await keysWithoutTtl(ports.ioredis)).toEqual([]);
});
