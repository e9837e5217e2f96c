import { once } from "node:events";
import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Listening, patience, servers } from "./support/servers.ts";

// The two are one to whoever only calls commands; their types differ in names.
const versions = [
  ["ioredis 5", Redis5 as unknown as typeof Redis6],
  ["ioredis 6", Redis6],
] as const;

const each = servers.flatMap(([server, start]) => versions.map(([version, Redis]) => [version, server, Redis, start] as const));

describe.each(each)("%s on %s", (_, __, Redis, start) => {
  let server: Listening;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  type Client = InstanceType<typeof Redis6>;
  const open = (options: object = {}): Client => {
    const client = new Redis({ port: server.port, ...options });
    onTestFinished(() => client.disconnect());
    return client;
  };

  test("is ready, and its commands answer; bytes stay bytes", async () => {
    const redis = open({ db: 2, keyPrefix: "app:", connectionName: "tester" });
    await once(redis, "ready");
    const bytes = Buffer.from([0, 255, 13, 10, 36]);
    expect(await redis.set("bytes", bytes, "PX", 10_000, "NX")).toBe("OK");
    expect(await redis.getBuffer("bytes")).toEqual(bytes);
    expect(await redis.hset("h", { a: "1", b: "é" })).toBe(2);
    expect(await redis.hgetall("h")).toEqual({ a: "1", b: "é" });
    expect(await redis.zadd("z", "1", "a", "2", "b")).toBe(2);
    expect(await redis.zrange("z", "0", "-1", "WITHSCORES")).toEqual(["a", "1", "b", "2"]);
    expect(await redis.mget("bytes", "none")).toHaveLength(2);
    expect((await redis.keys("*")).toSorted()).toEqual(["app:bytes", "app:h", "app:z"]);
    expect(await redis.client("GETNAME")).toBe("tester");
    await expect(redis.incr("h")).rejects.toThrow("WRONGTYPE Operation against a key holding the wrong kind of value");
    expect(await redis.flushdb()).toBe("OK");
    expect(await redis.quit()).toBe("OK");
  });

  test("pipelines, transactions, and watched keys", async () => {
    const redis = open();
    const other = open();
    const replies = await redis.pipeline().set("a", "1").incr("a").lpush("a", "x").get("a").exec();
    expect(replies?.map(([error, reply]) => error?.message ?? reply)).toEqual([
      "OK",
      2,
      expect.stringMatching(/^WRONGTYPE/),
      "2",
    ]);
    expect(await redis.multi().incr("a").get("a").exec()).toEqual([
      [null, 3],
      [null, "3"],
    ]);
    await redis.watch("a");
    await other.incr("a");
    expect(await redis.multi().set("a", "lost").exec()).toBeNull();
    await redis.multi({ pipeline: false });
    expect(await redis.get("a")).toBe("QUEUED");
    expect(await redis.exec()).toEqual([[null, "4"]]);
    const many = redis.pipeline();
    for (let n = 0; n < 10_000; n++) many.set(`many:${n}`, String(n));
    expect(await many.exec()).toHaveLength(10_000);
    await expect(redis.multi().call("NOSUCH").exec()).rejects.toThrow("EXECABORT");
  });

  test("keys are iterated as a stream", async () => {
    const redis = open({ db: 3 });
    const names = Array.from({ length: 1000 }, (_, n) => `scanned:${n}`);
    await redis.mset(Object.fromEntries(names.map((name) => [name, "1"])));
    await redis.hset("hash", Object.fromEntries(names.map((name) => [name, "1"])));
    const found = new Set<string>();
    for await (const keys of redis.scanStream({ match: "scanned:*", count: 100 })) for (const key of keys) found.add(key);
    expect([...found].toSorted()).toEqual(names.toSorted());
    let fields = 0;
    for await (const pairs of redis.hscanStream("hash")) fields += pairs.length / 2;
    expect(fields).toBe(1000);
  });

  test("messages of channels and patterns arrive, in order", async () => {
    const redis = open();
    const listener = open();
    const heard: unknown[] = [];
    listener.on("message", (...message) => heard.push(message));
    listener.on("pmessage", (...message) => heard.push(message));
    expect(await listener.subscribe("a", "b")).toBe(2);
    expect(await listener.psubscribe("c:*")).toBe(3);
    expect([await redis.publish("a", "1"), await redis.publish("c:x", "é"), await redis.publish("none", "")]).toEqual([1, 1, 0]);
    await expect
      .poll(() => heard, patience)
      .toEqual([
        ["a", "1"],
        ["c:*", "c:x", "é"],
      ]);
    expect(await listener.unsubscribe("a", "b")).toBe(1);
    expect(await listener.punsubscribe("c:*")).toBe(0);
    expect(await listener.ping()).toBe("PONG");
  });

  test("blocking commands wait, are woken, and give up", async () => {
    const redis = open();
    const [list, set, stream] = [open(), open(), open()];
    const waiting = [list.blpop("bl", 0), set.bzpopmin("bz", 0), stream.xread("BLOCK", 0, "STREAMS", "bx", "$")];
    await expect.poll(async () => /blocked_clients:3/.test(await redis.info("clients")), patience).toBe(true);
    await redis.pipeline().rpush("bl", "1").zadd("bz", 5, "m").xadd("bx", "1-1", "f", "v").exec();
    expect(await Promise.all(waiting)).toEqual([["bl", "1"], ["bz", "m", "5"], [["bx", [["1-1", ["f", "v"]]]]]]);
    expect(await list.blpop("none", 0.01)).toBeNull();
    const left = open();
    const gone = left.blpop("left", 0).catch((error: Error) => error.message);
    await expect.poll(async () => /blocked_clients:1/.test(await redis.info("clients")), patience).toBe(true);
    left.disconnect();
    expect(await gone).toBe("Connection is closed.");
    await expect.poll(async () => /blocked_clients:0/.test(await redis.info("clients")), patience).toBe(true);
    expect(await redis.rpush("left", "nobody took it")).toBe(1);
  });

  test("scripts become commands, and are sent whole when the server forgot them", async () => {
    const redis = open({ keyPrefix: "scripted:" });
    redis.defineCommand("bump", { numberOfKeys: 1, lua: "return {redis.call('INCRBY', KEYS[1], ARGV[1]), KEYS[1]}" });
    const scripted = redis as unknown as { bump(key: string, by: number): Promise<unknown> };
    expect(await scripted.bump("n", 2)).toEqual([2, "scripted:n"]);
    await redis.script("FLUSH");
    expect(await scripted.bump("n", 2)).toEqual([4, "scripted:n"]);
    await expect(redis.eval("return redis.error_reply('OOPS no')", 0)).rejects.toThrow("OOPS no");
    await expect(redis.evalsha("f".repeat(40), 0)).rejects.toThrow("NOSCRIPT");
  });

  test("it comes back after its connection was cut: subscribed, in its database, its commands sent again", async () => {
    const redis = open({ db: 4, retryStrategy: () => 1 });
    const killer = open();
    await redis.set("here", "1");
    await redis.subscribe("still");
    const heard = once(redis, "message");
    const ready = once(redis, "ready");
    await killer.call("CLIENT", "KILL", "TYPE", "pubsub");
    await ready;
    await expect.poll(() => killer.publish("still", "there"), patience).toBe(1);
    expect(await heard).toEqual(["still", "there"]);
    const plain = open({ db: 4, retryStrategy: () => 1, autoResendUnfulfilledCommands: true });
    const popped = plain.blpop("resent", 0);
    await expect.poll(async () => /blocked_clients:1/.test(await killer.info("clients")), patience).toBe(true);
    const id = /id=(\d+) [^\n]*flags=b/.exec((await killer.client("LIST")) as string)?.[1] as string;
    await killer.call("CLIENT", "KILL", "ID", id);
    await expect.poll(async () => /blocked_clients:1/.test(await killer.info("clients")), patience).toBe(true);
    await killer.select(4);
    await killer.rpush("resent", "1");
    expect(await popped).toEqual(["resent", "1"]);
    expect(await plain.get("here")).toBe("1");
  });

  test("MONITOR shows what others send", async () => {
    const monitor = await open().monitor();
    onTestFinished(() => monitor.disconnect());
    const seen: string[] = [];
    monitor.on("monitor", (_time, [name, argument]) => seen.push(`${name} ${argument}`.toLowerCase()));
    await open().echo("shown");
    await expect.poll(() => seen, patience).toContain("echo shown");
  });
});
