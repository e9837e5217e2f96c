import { Cluster, Redis } from "ioredis";
import { Cluster as Cluster5, Redis as Redis5 } from "ioredis5";
import { createClient, createCluster } from "redis";
import { createClient as createClient5, createCluster as createCluster5 } from "redis5";
import { ioredisPort } from "redlua/client/ioredis";
import { nodeRedisPort } from "redlua/client/node-redis";
import type { OpenPort } from "./redis-port.ts";

/** Where a client connects to. */
export type Place = { readonly path: string } | { readonly ports: readonly number[] };

/** Makes a client of one library and version, and a port over it, as a user would. */
export type MakePort = (place: Place) => Promise<OpenPort>;

function ioredis(kinds: { readonly Redis: typeof Redis; readonly Cluster: typeof Cluster }): MakePort {
  return async (place) => {
    const client =
      "path" in place
        ? new kinds.Redis({ path: place.path })
        : place.ports.length === 1
          ? new kinds.Redis({ host: "127.0.0.1", port: place.ports[0] as number })
          : new kinds.Cluster(place.ports.map((port) => ({ host: "127.0.0.1", port })));
    const port = ioredisPort(client);
    return {
      port,
      end: async () => {
        await port.close();
        client.disconnect();
      },
    };
  };
}

function nodeRedis(make: { readonly createClient: typeof createClient; readonly createCluster: typeof createCluster }): MakePort {
  return async (place) => {
    const client =
      "path" in place
        ? make.createClient({ socket: { path: place.path, tls: false } })
        : place.ports.length === 1
          ? make.createClient({ socket: { host: "127.0.0.1", port: place.ports[0] as number } })
          : make.createCluster({ rootNodes: place.ports.map((port) => ({ socket: { host: "127.0.0.1", port } })) });
    const port = nodeRedisPort(client as Parameters<typeof nodeRedisPort>[0]);
    // Not awaited: a port is usable at once.
    const connecting = client.connect().catch(() => {});
    return {
      port,
      end: async () => {
        await port.close();
        if (client.isOpen) client.destroy();
        await connecting;
      },
    };
  };
}

/** Every client library and version that redlua supports. */
export const clients: Readonly<Record<string, MakePort>> = {
  "ioredis 6": ioredis({ Redis, Cluster }),
  "ioredis 5": ioredis({ Redis: Redis5 as unknown as typeof Redis, Cluster: Cluster5 as unknown as typeof Cluster }),
  "node-redis 6": nodeRedis({ createClient, createCluster }),
  "node-redis 5": nodeRedis({
    createClient: createClient5 as unknown as typeof createClient,
    createCluster: createCluster5 as unknown as typeof createCluster,
  }),
};
