/** A Redis of our own, with a connection to question it. */
import { Redis } from "ioredis";
import { startRedis } from "../../dist/testing/index.js";
import { atEnd } from "../stop.mjs";

/** Starts a real Redis that stores nothing, on a free TCP port: how most programs reach one. */
export async function startServer() {
  const server = await startRedis({ engine: "redis-server", tcp: true });
  const redis = new Redis(server.port, "127.0.0.1");
  const stop = atEnd(async () => {
    redis.disconnect();
    await server.stop();
  });
  return {
    target: { url: server.url, host: "127.0.0.1", port: server.port },
    redis,
    stop,
    /** Processor time that the server has had. */
    async cpuMs() {
      const info = await redis.info("cpu");
      return (
        1_000 * [...info.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].reduce((sum, [, seconds]) => sum + Number(seconds), 0)
      );
    },
    async version() {
      const info = await redis.info("server");
      return /^redis_version:(.+?)\r?$/m.exec(info)?.[1];
    },
  };
}
