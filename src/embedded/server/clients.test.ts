import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { createEmbedded, type EmbeddedRedis } from "../embedded.ts";
import { RawClient } from "../fixtures/index.ts";
import { open, request, talk } from "./fixtures/index.ts";

const patience = { interval: 2, timeout: 10_000 };

let redis: EmbeddedRedis;
let port: number;
beforeEach(async () => {
  redis = createEmbedded();
  port = (await redis.listen()).port as number;
});
afterEach(async () => {
  // Whatever the client did, the next one is answered.
  expect(await talk(port, ["PING\r\n"])).toBe("+PONG\r\n");
  await redis.stop();
});

const info = (field: string): string | undefined => new RegExp(`${field}:([^\\r]*)`).exec(redis.execute("INFO") as string)?.[1];

async function connected(): Promise<Socket> {
  const socket = open(port);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function client(): Promise<RawClient> {
  const raw = await RawClient.open(port);
  onTestFinished(() => raw.close());
  return raw;
}

test("a subscriber that does not read a gigabyte is let go, and those that read stay", async () => {
  const deaf = await connected();
  deaf.pause();
  deaf.write(request("SUBSCRIBE", "news"));
  const before = process.memoryUsage().rss;
  await expect.poll(() => redis.execute("PUBSUB", "NUMSUB", "news"), patience).toEqual(["news", 1]);
  // In process nobody gets a turn meanwhile, so all of it waits at once.
  const message = "x".repeat(2 ** 20);
  const heard = Array.from({ length: 1024 }, () => redis.execute("PUBLISH", "news", message) as number);
  expect(heard.indexOf(0)).toBeGreaterThanOrEqual(32);
  expect(heard.indexOf(0)).toBeLessThan(80);
  expect(redis.execute("PUBSUB", "NUMSUB", "news")).toEqual(["news", 0]);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
});

test("a subscriber that does not read is let go, whoever publishes over a connection", async () => {
  const [deaf, reading, publisher] = [await connected(), await connected(), await client()];
  deaf.pause();
  let read = 0;
  reading.on("data", (chunk) => {
    read += chunk.length;
  });
  for (const socket of [deaf, reading]) socket.write(request("SUBSCRIBE", "news"));
  await expect.poll(() => redis.execute("PUBSUB", "NUMSUB", "news"), patience).toEqual(["news", 2]);
  const message = "x".repeat(2 ** 20);
  const publish = (): Promise<readonly unknown[]> =>
    publisher.send(Array.from({ length: 4 }, () => ["PUBLISH", "news", message]));
  for (let sent = 0; sent < 80; sent += 4) await publish();
  expect(await publish()).toEqual([1, 1, 1, 1]);
  const length = `*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1048576\r\n${message}\r\n`.length;
  const confirmation = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n".length;
  await expect.poll(() => read, patience).toBe(confirmation + 84 * length);
});

test("who asks for much and does not read it is not read from, and gets all of it in the end", async () => {
  redis.execute("SET", "large", "x".repeat(4 * 2 ** 20));
  const slow = await connected();
  slow.pause();
  slow.write(request("GET", "large").repeat(60) + request("INCR", "asked"));
  const other = await client();
  for (let asked = 0; asked < 20; asked++) expect(await other.send([["PING"]])).toHaveLength(1);
  // 240 MB were asked for: the last request is not looked at before the first replies were read.
  expect(redis.execute("GET", "asked")).toBeNull();
  let read = 0;
  slow.on("data", (chunk) => {
    read += chunk.length;
  });
  slow.resume();
  await expect.poll(() => redis.execute("GET", "asked"), patience).toBe("1");
  await expect.poll(() => read, patience).toBe(60 * (4 * 2 ** 20 + "$4194304\r\n\r\n".length) + ":1\r\n".length);
});

test("a reply that is longer than a string can be is an error on its connection", async () => {
  redis.execute("SET", "large", "x".repeat(64 * 2 ** 20));
  const asking = await client();
  const keys = Array.from({ length: 9 }, () => "large");
  const [reply, next] = await asking.send([["MGET", ...keys], ["PING"]]);
  expect(reply).toMatchObject({ message: "ERR the reply is too long for the embedded engine" });
  expect(next).toMatchObject({ text: "PONG" });
});

test("what is sent behind a request that waits is read when it is over, and who leaves meanwhile has left", async () => {
  const waiting = await connected();
  let heard = "";
  waiting.on("data", (chunk) => {
    heard += chunk;
  });
  waiting.write(`${request("BLPOP", "list", "0")}${request("INCR", "n")}*x\r\n`);
  await expect.poll(() => info("blocked_clients"), patience).toBe("1");
  for (let n = 0; n < 100; n++) waiting.write("more of it, after the end");
  expect([heard, redis.execute("GET", "n")]).toEqual(["", null]);
  redis.execute("RPUSH", "list", "a");
  await once(waiting, "close");
  expect(heard).toBe("*2\r\n$4\r\nlist\r\n$1\r\na\r\n:1\r\n-ERR Protocol error: invalid multibulk length\r\n");
});

test.each<readonly [string, readonly string[]]>([
  ["BLPOP", ["BLPOP", "list", "0"]],
  ["BLMOVE", ["BLMOVE", "list", "other", "LEFT", "LEFT", "0"]],
  ["BZPOPMIN", ["BZPOPMIN", "set", "0"]],
  ["XREAD", ["XREAD", "BLOCK", "0", "STREAMS", "stream", "$"]],
  ["SUBSCRIBE", ["SUBSCRIBE", "list"]],
  ["MONITOR", ["MONITOR"]],
  ["WATCH", ["WATCH", "list"]],
])("a hundred clients that vanish during %s leave nothing behind, and take nothing", async (_, command) => {
  const sockets = await Promise.all(Array.from({ length: 100 }, connected));
  for (const [at, socket] of sockets.entries()) {
    socket.write(request(...command));
    if (at % 2 === 0) socket.write("*3\r\n$3\r\nSET\r\n$4\r\nlist");
  }
  await expect
    .poll(() => (redis.execute("CLIENT", "LIST") as string).split(`cmd=${command[0]?.toLowerCase()}`).length, patience)
    .toBe(101);
  // Some say goodbye, the others are gone.
  for (const [at, socket] of sockets.entries())
    at % 3 === 0 ? socket.end() : at % 3 === 1 ? socket.destroy() : socket.resetAndDestroy();
  await expect.poll(() => info("connected_clients"), patience).toBe("1");
  expect([info("blocked_clients"), redis.execute("PUBSUB", "NUMSUB", "list")]).toEqual(["0", ["list", 0]]);
  expect([
    redis.execute("RPUSH", "list", "a"),
    redis.execute("ZADD", "set", "1", "a"),
    redis.execute("XADD", "stream", "1-1", "a", "b"),
  ]).toEqual([1, 1, "1-1"]);
  expect(redis.execute("DBSIZE")).toBe(3);
});

test("a thousand connections are answered, all at once and each in its turn", async () => {
  const clients = await Promise.all(Array.from({ length: 1000 }, client));
  await expect.poll(() => info("connected_clients"), patience).toBe("1001");
  const replies = await Promise.all(
    clients.map((each, n) =>
      each.send([
        ["SET", `k${n}`, "v"],
        ["INCR", "n"],
        ["GET", `k${n}`],
      ]),
    ),
  );
  expect(replies.map(([, , value]) => value)).toEqual(Array.from({ length: 1000 }, () => "v"));
  expect(replies.map(([, n]) => n).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 1000 }, (_, n) => n + 1),
  );
  for (const each of clients) each.close();
  await expect.poll(() => info("connected_clients"), patience).toBe("1");
});

test("requests in thousands of tiny writes are answered like any", async () => {
  const socket = await connected();
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  for (const byte of request("INCR", "n").repeat(200)) if (!socket.write(byte)) await once(socket, "drain");
  await expect.poll(() => heard, patience).toBe(Array.from({ length: 200 }, (_, n) => `:${n + 1}\r\n`).join(""));
});

test("a million arguments are one request", { timeout: 60_000 }, async () => {
  const items = Array.from({ length: 1_000_000 }, () => "a");
  const asking = await client();
  expect(
    await asking.send([
      ["RPUSH", "list", ...items],
      ["SADD", "set", ...items],
      ["DEL", ...items],
    ]),
  ).toEqual([1_000_000, 1, 0]);
  expect(
    await asking.send([
      ["PING", ...items],
      ["EVAL", "return #KEYS", "1000000", ...items],
    ]),
  ).toMatchObject([{ message: "ERR wrong number of arguments for 'ping' command" }, 1_000_000]);
});
