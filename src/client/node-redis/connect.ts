import { setTimeout as wait } from "node:timers/promises";
import { backoff } from "../../core/index.ts";
import type { RedisPort } from "../../port/index.ts";
import { ConnectError } from "../errors.ts";
import { loadClient } from "../load-client.ts";
import { type ConnectRequest, reachable } from "../reachable.ts";
import type { RedisTarget } from "../redis-url.ts";
import { timerMax } from "../within.ts";
import { isCluster, type NodeRedisClient } from "./client-shape.ts";
import { NodeRedisPort } from "./port.ts";

type Library = Pick<typeof import("redis"), "createClient" | "createCluster">;

const pause = backoff({ base: 50, factor: 2, max: "2s", jitter: "half" });

/**
 * Connects with node-redis. Answers `undefined` if it is not installed.
 *
 * @public to `connect`, not to users
 */
export async function connectNodeRedis({ target, settings }: ConnectRequest): Promise<RedisPort | undefined> {
  const library = await loadClient("redis", () => import("redis"));
  if (library === undefined) return undefined;
  const { timeoutMs } = settings;
  if (target.kind === "sentinel") {
    throw new ConnectError(
      "CONNECT_NO_CLIENT",
      'redis+sentinel URLs are for ioredis. Type: npm install ioredis, and leave out { client: "node-redis" }',
    );
  }
  const client = makeClient(library, target, timeoutMs);
  const port = new NodeRedisPort(client, { ...settings, end: () => end(client) });
  try {
    await reachable(target, timeoutMs, (report) => {
      for (const event of ["error", "node-error"]) client.on(event, report);
      return connected(client, timeoutMs);
    });
  } catch (error) {
    await port.close();
    throw error;
  }
  return port;
}

/** A single client goes on trying by itself; a cluster client gives up when no root node answers, and is asked again. */
async function connected(client: NodeRedisClient, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await (client as unknown as { connect(): Promise<unknown> }).connect();
      return;
    } catch (error) {
      const waitMs = pause(attempt);
      if (!isCluster(client) || Date.now() + waitMs > deadline) throw error;
      await wait(waitMs);
    }
  }
}

function makeClient({ createClient, createCluster }: Library, target: RedisTarget, timeoutMs: number): NodeRedisClient {
  const { kind, nodes, tls, username, password, database } = target;
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const socket = {
    connectTimeout: Math.min(timeoutMs, timerMax),
    reconnectStrategy: (retries: number): number => pause(retries + 1),
  };
  if (kind === "cluster") {
    const rootNodes = nodes.map(({ host, port }) => ({ socket: { host, port, ...(tls && { tls: true as const }) } }));
    return createCluster({ rootNodes, defaults: { ...credentials, socket: { ...socket, ...(tls && { tls: true as const }) } } });
  }
  const [node] = nodes;
  const place = node?.path === undefined ? { host: node?.host as string, port: node?.port as number } : { path: node.path };
  return createClient({
    ...credentials,
    database,
    socket: { ...socket, ...place, ...(tls && { tls: true as const }) },
  } as Parameters<typeof createClient>[0]) as unknown as NodeRedisClient;
}

function end(client: NodeRedisClient): void {
  try {
    client.destroy();
  } catch {
    // node-redis throws when it is closed already, which is what was wanted.
  }
}
