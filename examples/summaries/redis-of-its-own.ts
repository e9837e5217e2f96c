import { connect } from "node:net";
import { ensureRedisServer, startRedis } from "redlua/testing";

/** Where Redis is, and how to leave it. */
export interface Redis {
  readonly url: string;
  readonly what: string;
  /** Starts the server again if it is the program's own and has died. Answers whether it did. */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * The Redis of `REDIS_URL`, or one of the program's own that ends with it and keeps nothing. If there is no redis-server on this
 * machine, one is installed where that may be done.
 */
export async function findRedis(url: string | undefined): Promise<Redis> {
  if (url) return { url, what: url.replace(/\/\/[^@/]*@/, "//"), revive: async () => false, stop: async () => {} };
  await ensureRedisServer((line) => console.error(line));
  const server = await startRedis();
  return {
    url: server.url,
    what: "a redis-server of its own, which keeps nothing",
    revive: async () => {
      if (await lives(server.socket)) return false;
      await server.restart();
      return true;
    },
    stop: () => server.stop(),
  };
}

/** Whether there is a process behind a socket, be it ever so slow. One that is dying takes connections, and closes them. */
function lives(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write("PING\r\n")).setTimeout(1_000);
    const answer = (alive: boolean): void => {
      resolve(alive);
      socket.destroy();
    };
    socket
      .once("data", () => answer(true))
      .once("timeout", () => answer(true))
      .once("error", () => answer(false))
      .once("close", () => answer(false));
  });
}
