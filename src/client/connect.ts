import { accept, type Duration, duration, oneOf, readOptions, withDefault } from "../core/index.ts";
import { ConnectError } from "./errors.ts";
import { connectIoredis } from "./ioredis/connect.ts";
import { connectNodeRedis } from "./node-redis/connect.ts";
import type { RedisPort } from "./port.ts";
import { readRedisUrl } from "./redis-url.ts";

/** How `connect` connects. */
export interface ConnectOptions {
  /** Put before every key, with a colon, so that several programs can share a Redis. @default none */
  readonly prefix?: string;
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
 * the database. A connection that is lost comes back by itself, until the port is closed.
 *
 * @throws {ConnectError} `CONNECT_URL`, `CONNECT_NO_CLIENT`, or `CONNECT_FAILED` if there is no connection within the timeout
 * @throws {InvalidInputError} if an option is unknown or unusable
 * @example
 * const redis = await connect("redis://localhost:6379", { prefix: "shop" });
 * await redis.close();
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<RedisPort> {
  const { prefix, timeout, client } = readOptions("connect", options, {
    prefix: withDefault(
      accept<string>("text", (value) => typeof value === "string"),
      "",
    ),
    timeout: withDefault(duration({ min: 1 }), "5s"),
    client: oneOf(...order),
  });
  const request = { target: readRedisUrl(url), prefix, timeoutMs: timeout };
  for (const name of client === undefined ? order : [client]) {
    const port = await (name === "ioredis" ? connectIoredis(request) : connectNodeRedis(request));
    if (port !== undefined) return port;
  }
  const packages = { ioredis: "npm install ioredis", "node-redis": "npm install redis" };
  const advice = client === undefined ? "npm install ioredis (or: npm install redis)" : packages[client];
  throw new ConnectError("CONNECT_NO_CLIENT", `No Redis client is installed. Type: ${advice}`);
}
