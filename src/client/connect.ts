import { type Duration, InvalidInputError, oneOf, readOptions } from "../core/index.ts";
import { type PortOptions, portFields, type RedisPort } from "../port/index.ts";
import { ConnectError } from "./errors.ts";
import { connectIoredis } from "./ioredis/connect.ts";
import { connectNodeRedis } from "./node-redis/connect.ts";
import { isMemoryUrl, readRedisUrl } from "./redis-url.ts";

/** How `connect` connects. */
export interface ConnectOptions extends PortOptions {
  /** How long connecting may take, and each call that does not say so itself. @default "5s" */
  readonly timeout?: Duration;
  /** The client library to use. @default the one that is installed, ioredis if both are */
  readonly client?: "ioredis" | "node-redis";
}

const order = ["ioredis", "node-redis"] as const;

/**
 * Connects to Redis with the client library that is installed: ioredis, or else node-redis. Resolves when it is connected.
 *
 * Understands `redis://`, `rediss://`, `redis+cluster://`, `redis+sentinel://` and `unix://`, with user, password and number of
 * the database. With Sentinel those are of the primary, which is followed when another takes its place; for sentinels that want a
 * password of their own, make the client yourself. A connection that is lost comes back by itself, until the port is closed.
 *
 * `memory:` is Redis in this process, with no server: an engine of its own, which ends with the port; `memory:name` the one of
 * that name, for all who connect to it in this process.
 *
 * @throws {ConnectError} `CONNECT_URL`, `CONNECT_NO_CLIENT`, or `CONNECT_FAILED` if there is no connection within the timeout
 * @throws {InvalidInputError} if an option is unknown or unusable
 * @example
 * const redis = await connect("redis://localhost:6379", { prefix: "shop" });
 * await redis.close();
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<RedisPort> {
  const { client, timeout, ...rest } = readOptions("connect", options, { ...portFields, client: oneOf(...order) });
  if (isMemoryUrl(url)) {
    if (client !== undefined) {
      throw new InvalidInputError(
        "OPTION_INVALID",
        "connect.client",
        `connect("${url}") needs no client library: leave "client" out.`,
      );
    }
    // biome-ignore lint/style/noRestrictedImports: memory: is one of the ways to connect, and the engine is loaded for those who ask for it
    const { openMemory } = await import("../embedded/index.ts");
    return openMemory(url, { ...rest, timeout });
  }
  const request = { target: readRedisUrl(url), settings: { ...rest, timeoutMs: timeout } };
  for (const name of client === undefined ? order : [client]) {
    const port = await (name === "ioredis" ? connectIoredis(request) : connectNodeRedis(request));
    if (port !== undefined) return port;
  }
  const packages = { ioredis: "npm install ioredis", "node-redis": "npm install redis" };
  const advice = client === undefined ? "npm install ioredis (or: npm install redis)" : packages[client];
  throw new ConnectError("CONNECT_NO_CLIENT", `No Redis client is installed. Type: ${advice}`);
}
