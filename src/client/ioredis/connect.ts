import { backoff } from "../../core/index.ts";
import type { RedisPort } from "../../port/index.ts";
import { loadClient } from "../load-client.ts";
import { type ConnectRequest, reachable } from "../reachable.ts";
import type { RedisTarget } from "../redis-url.ts";
import { timerMax } from "../within.ts";
import { type IoredisClient, isCluster } from "./client-shape.ts";
import { IoredisPort } from "./port.ts";

type Library = Pick<typeof import("ioredis"), "Redis" | "Cluster">;

const pause = backoff({ base: 50, factor: 2, max: "2s", jitter: "half" });

/**
 * Connects with ioredis. Answers `undefined` if it is not installed.
 *
 * @public to `connect`, not to users
 */
export async function connectIoredis({ target, settings }: ConnectRequest): Promise<RedisPort | undefined> {
  const library = await loadClient("ioredis", () => import("ioredis"));
  if (library === undefined) return undefined;
  const { timeoutMs } = settings;
  const client = makeClient(library, target, timeoutMs);
  const port = new IoredisPort(client, { ...settings, end: () => client.disconnect() });
  try {
    await reachable(target, timeoutMs, (report) => ready(client, report));
  } catch (error) {
    await port.close();
    throw error;
  }
  return port;
}

function ready(client: IoredisClient, report: (error: Error) => void): Promise<unknown> {
  client.on("error", report);
  if (isCluster(client)) client.on("node error", report);
  return new Promise<void>((resolve, reject) => {
    client.on("ready", () => resolve());
    // Failed attempts are reported as errors; the client goes on trying.
    client.connect().catch(() => {});
    client.on("end", () => reject(new Error("the client gave up")));
  }).finally(() => {
    client.off("error", report);
    client.off("node error", report);
  });
}

function makeClient({ Redis, Cluster }: Library, target: RedisTarget, timeoutMs: number): IoredisClient {
  const { kind, nodes, tls, username, password, database, primary } = target;
  const [node] = nodes;
  const common = {
    lazyConnect: true,
    connectTimeout: Math.min(timeoutMs, timerMax),
    keepAlive: 30_000,
    // The port's own deadline decides how long a call waits, not the number of attempts.
    maxRetriesPerRequest: null,
    retryStrategy: pause,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  };
  if (kind === "cluster") {
    const { retryStrategy: _, ...redisOptions } = common;
    // A node that fails over is away for seconds: each redirection waits 100 ms, and the deadline ends the call.
    return new Cluster(
      nodes.map(({ host, port }) => ({ host, port })),
      {
        lazyConnect: true,
        clusterRetryStrategy: pause,
        maxRedirections: 100,
        redisOptions,
      },
    );
  }
  if (kind === "sentinel") {
    const sentinels = nodes.map(({ host, port }) => ({ host, port }));
    return new Redis({
      ...common,
      sentinels,
      name: primary as string,
      db: database,
      sentinelRetryStrategy: pause,
      // A primary that was replaced goes on answering until it hears of it, for seconds, and what it is told then is lost.
      failoverDetector: true,
      // ioredis speaks TLS with a primary that sentinels name, and with them, only where it is told so once more.
      ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    });
  }
  const place = node?.path === undefined ? { host: node?.host as string, port: node?.port as number } : { path: node.path };
  return new Redis({ ...common, ...place, db: database });
}
