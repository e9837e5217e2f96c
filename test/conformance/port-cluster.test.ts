import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createCluster } from "redis";
import { createCluster as createCluster5 } from "redis5";
import { nodeRedisPort } from "redlua/client/node-redis";
import { type RedisCluster, type RedisClusterNode, startCluster } from "redlua/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { clients } from "./clients.ts";
import { describeRedisPort } from "./redis-port.ts";

let cluster: RedisCluster;
/** Closes every connection at once: nobody is at home, on a port that nobody else can take. */
let dead: Server;

beforeAll(async () => {
  dead = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  [cluster] = await Promise.all([startCluster(), once(dead, "listening")]);
});

afterAll(async () => {
  dead.close();
  await cluster.stop();
});

test.each([
  ["6", createCluster],
  ["5", createCluster5 as unknown as typeof createCluster],
])("a broadcast ends with its timeout when a primary cannot be reached, over node-redis %s", async (_version, create) => {
  const rootNodes = cluster.nodes.slice(0, 1).map(({ port }) => ({ socket: { host: "127.0.0.1", port } }));
  // It connects to a node when it is first asked something.
  const client = create({ rootNodes, minimizeConnections: true });
  await client.connect();
  onTestFinished(() => client.destroy());
  const port = nodeRedisPort(client as Parameters<typeof nodeRedisPort>[0]);
  const last = cluster.nodes.at(-1) as RedisClusterNode;
  onTestFinished(() => last.resume());
  last.pause();
  await expect(port.broadcast(["PING"], { resend: "ok", timeoutMs: 100 })).rejects.toMatchObject({
    code: "CLIENT_UNAVAILABLE",
    applied: "no",
  });
  await port.close();
});

for (const [name, make] of Object.entries(clients)) {
  describeRedisPort(`${name}, cluster`, async () => {
    const ports = cluster.nodes.map(({ port }) => port);
    const nobody = (dead.address() as { readonly port: number }).port;
    return {
      open: async (where) => make({ ports: where === "dead" ? [nobody, nobody] : ports }),
      pause: () => {
        for (const node of cluster.nodes) node.pause();
      },
      resume: () => {
        for (const node of cluster.nodes) node.resume();
      },
    };
  });
}
