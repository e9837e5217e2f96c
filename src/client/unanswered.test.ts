import { once } from "node:events";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type ClientError, connect } from "./index.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis({ engine: "redis-server" });
});
afterAll(() => server.stop());

/** Stands in front of the server. While it is `deaf` it takes connections and never answers on them, then or later. */
class Door {
  deaf = false;
  port = 0;
  readonly sockets = new Set<Socket>();

  static async open(): Promise<Door> {
    const door = new Door();
    const listener = createServer((socket) => {
      door.sockets.add(socket.on("close", () => door.sockets.delete(socket)));
      socket.on("error", () => {});
      if (door.deaf) socket.resume();
      else door.#lead(socket);
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    door.port = (listener.address() as AddressInfo).port;
    onTestFinished(() => {
      listener.close();
      for (const socket of door.sockets) socket.destroy();
    });
    return door;
  }

  #lead(socket: Socket): void {
    const inner = connectSocket(server.socket);
    inner.on("error", () => {});
    inner.on("close", () => socket.destroy());
    socket.on("close", () => inner.destroy());
    socket.pipe(inner).pipe(socket);
  }
}

/** The code that an attempt fails with; what it answers if it does not. */
function codeOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.catch((error: ClientError) => error.code);
}

describe.each(["ioredis", "node-redis"] as const)("a connection that is taken and never answered, over %s", (client) => {
  test("breaks neither subscribing nor blocking commands for good, and is closed", async () => {
    const door = await Door.open();
    const redis = await connect(`redis://127.0.0.1:${door.port}`, { client, timeout: 500 });
    onTestFinished(() => redis.close());
    const { signal } = new AbortController();
    const subscribe = (): Promise<unknown> => codeOf(redis.subscribe("news", { message: (text) => heard.push(text) }));
    const heard: string[] = [];
    const pop = (): Promise<unknown> => codeOf(redis.block(["BLPOP", "list", "0"], { key: "list", signal }));
    door.deaf = true;
    expect(await Promise.all([subscribe(), pop()])).toEqual(["CLIENT_UNAVAILABLE", "CLIENT_UNAVAILABLE"]);
    door.deaf = false;
    await expect.poll(subscribe).toBeTypeOf("function");
    await redis.send(["PUBLISH", "news", "again"], { resend: "never" });
    await expect.poll(() => heard, { interval: 5 }).toEqual(["again"]);
    await redis.send(["RPUSH", "list", "a"], { key: "list", resend: "never" });
    await expect.poll(pop).toEqual(["list", "a"]);
    // What is left are the client's own connection, the subscriber's, and that of the blocking command.
    await expect.poll(() => door.sockets.size, { interval: 5 }).toBe(3);
  });

  test("is closed although the port is closed while it waits", async () => {
    const door = await Door.open();
    const redis = await connect(`redis://127.0.0.1:${door.port}`, { client, timeout: 500 });
    door.deaf = true;
    const { signal } = new AbortController();
    const attempts = [
      redis.subscribe("news", { message: () => {} }),
      redis.block(["BLPOP", "list", "0"], { key: "list", signal }),
    ];
    const codes = attempts.map(codeOf);
    await expect.poll(() => door.sockets.size, { interval: 5 }).toBe(3);
    await redis.close();
    expect(await Promise.all(codes)).toEqual(["CLIENT_CLOSED", "CLIENT_CLOSED"]);
    await expect.poll(() => door.sockets.size, { interval: 5 }).toBe(0);
  });
});
