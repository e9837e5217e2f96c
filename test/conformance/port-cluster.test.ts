import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { type RedisCluster, startCluster } from "redlua/testing";
import { afterAll, beforeAll } from "vitest";
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
