import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RedisCluster, type RedisServer, startCluster, startFaultProxy, startRedis } from "../testing/index.ts";
import { connect } from "./index.ts";
import { loadClient } from "./load-client.ts";

let server: RedisServer;
let guarded: RedisServer;
let cluster: RedisCluster;

beforeAll(async () => {
  [server, guarded, cluster] = await Promise.all([
    startRedis({ engine: "redis-server", tcp: true }),
    startRedis({ engine: "redis-server", tcp: true, args: ["--requirepass", "hunter2"] }),
    startCluster(),
  ]);
});
afterAll(() => Promise.all([server.stop(), guarded.stop(), cluster.stop()]));

describe.each(["ioredis", "node-redis"] as const)("connect with %s", (client) => {
  test("a URL of each kind leads to a port", async () => {
    const urls = [
      server.url,
      `${server.url}/3`,
      `unix://${server.socket}`,
      `redis://:hunter2@127.0.0.1:${guarded.port}/1`,
      cluster.url,
    ];
    for (const url of urls) {
      const redis = await connect(url, { client, prefix: "shop" });
      onTestFinished(() => redis.close());
      expect(redis.traits).toEqual({ cluster: url === cluster.url, client, prefix: "shop" });
      expect(await redis.send(["SET", "key", url], { key: "key", resend: "never" })).toBe("OK");
    }
    const third = await connect(`unix://${server.socket}?db=3`, { client });
    onTestFinished(() => third.close());
    expect(await third.send(["GET", "key"], { key: "key", resend: "never" })).toBe(`${server.url}/3`);
  });

  test("where nobody listens it fails at its timeout, and says where", async () => {
    const proxy = await startFaultProxy({ target: server });
    proxy.refuse();
    await expect(connect(`redis://:hunter2@127.0.0.1:${proxy.port}`, { client, timeout: 120 })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(new RegExp(`^Could not connect to Redis at 127\\.0\\.0\\.1:${proxy.port}: .*ECONNREFUSED`)),
    });
    const clusterUrl = `redis+cluster://127.0.0.1:${proxy.port}`;
    await expect(connect(clusterUrl, { client, timeout: 120 })).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  });

  test("a timeout of more milliseconds than a timer can count ends nothing at once", async () => {
    const redis = await connect(server.url, { client, timeout: "30d" });
    onTestFinished(() => redis.close());
    const heard: string[] = [];
    await redis.subscribe("news", { message: (text) => heard.push(text) });
    await redis.send(["PUBLISH", "news", "text"], { resend: "never" });
    await expect.poll(() => heard, { interval: 5 }).toEqual(["text"]);
    await redis.send(["RPUSH", "list", "a"], { key: "list", resend: "never" });
    const { signal } = new AbortController();
    expect(await redis.block(["BLPOP", "list", "0"], { key: "list", signal })).toEqual(["list", "a"]);
  });

  test("a server that comes up within the timeout is waited for", async () => {
    const proxy = await startFaultProxy({ target: server });
    onTestFinished(() => proxy.close());
    proxy.refuse();
    const connecting = connect(proxy.url, { client });
    await proxy.heal();
    const redis = await connecting;
    expect(await redis.send(["PING"], { resend: "never" })).toBe("PONG");
    await redis.close();
    await expect.poll(() => proxy.connections, { interval: 5 }).toBe(0);
  });

  test("a wrong password fails at once, and is not shown", async () => {
    const before = performance.now();
    for (const credentials of ["", ":letmein@"]) {
      const error = await connect(`redis://${credentials}127.0.0.1:${guarded.port}`, { client }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "CONNECT_FAILED", message: expect.stringMatching(/NOAUTH|WRONGPASS/) });
      expect((error as Error).message).not.toContain("letmein");
    }
    expect(performance.now() - before).toBeLessThan(4_000);
  });
});

test("the client library is chosen by itself, and options are checked", async () => {
  const redis = await connect(server.url);
  expect(redis.traits).toEqual({ cluster: false, client: "ioredis", prefix: "" });
  await redis.close();
  await expect(connect(server.url, { prefx: "a" } as object)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
  await expect(connect(server.url, { timeout: "soon" } as object)).rejects.toMatchObject({
    code: "OPTION_INVALID",
    field: "connect.timeout",
  });
  await expect(connect("redis+sentinel://a/b", { client: "node-redis" })).rejects.toMatchObject({
    code: "CONNECT_NO_CLIENT",
    message: expect.stringContaining("leave out"),
  });
});

test("rediss+sentinel speaks TLS with the sentinels too, so that no password goes in the clear", async () => {
  let tell!: (byte: number | undefined) => void;
  const first = new Promise<number | undefined>((resolve) => (tell = resolve));
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      tell(bytes[0]);
      socket.destroy();
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void listener.close());
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const connecting = connect(`rediss+sentinel://:hunter2@127.0.0.1:${port}/main`, { timeout: 500 });
  await expect(connecting).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  // The first byte of every TLS connection: a handshake.
  expect(await first).toBe(22);
});

test("sentinels that do not answer are named in one sentence", async () => {
  const proxy = await startFaultProxy({ target: server });
  proxy.refuse();
  const connecting = connect(`redis+sentinel://127.0.0.1:${proxy.port}/main`, { timeout: 200 });
  await expect(connecting).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    message: expect.stringMatching(/ at main at 127\.0\.0\.1:\d+: All sentinels are unreachable.*[^.]\. Does it run there/),
  });
});

test("a client library that is not installed is told from one that cannot be loaded", async () => {
  const absent = ["redlua", "no-such-client"].join("-");
  expect(await loadClient(absent, () => import(absent))).toBeUndefined();
  const inner = Object.assign(new Error("Cannot find package 'denque' imported from /app/node_modules/ioredis/x.js"), {
    code: "ERR_MODULE_NOT_FOUND",
  });
  await expect(loadClient("ioredis", () => Promise.reject(inner))).rejects.toMatchObject({
    code: "CONNECT_NO_CLIENT",
    message: expect.stringContaining("ioredis is installed but failed to load"),
  });
});
