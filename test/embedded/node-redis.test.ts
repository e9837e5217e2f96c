import * as redis6 from "redis";
import * as redis5 from "redis5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Listening, patience, servers } from "./support/servers.ts";

type Module = typeof redis6;
// The two are one to whoever only calls commands; their types differ in details.
const versions = [
  ["node-redis 5", redis5 as unknown as Module],
  ["node-redis 6", redis6],
] as const;

/** Resolves when a client is ready, whatever errors it tells of before. */
const readyAgain = (client: { once(event: "ready", hear: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => client.once("ready", resolve));

const each = servers.flatMap(([server, start]) =>
  versions.flatMap(([version, module]) => ([2, 3] as const).map((resp) => [version, resp, server, module, start] as const)),
);

describe.each(each)("%s in RESP%d on %s", (_, RESP, __, module, start) => {
  let server: Listening;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const make = (options: object) =>
    module.createClient({
      RESP,
      // Version 5 refuses XREAD in RESP3 otherwise; 6 does not know it.
      ...({ unstableResp3: true } as object),
      socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: 1 },
      scripts: {
        bump: module.defineScript({
          NUMBER_OF_KEYS: 1,
          SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
          parseCommand(parser: redis6.CommandParser, key: string, by: number) {
            parser.pushKey(key);
            parser.push(String(by));
          },
          transformReply: (reply: number) => reply,
        }),
      },
      ...options,
    });
  async function open(options: object = {}): Promise<ReturnType<typeof make>> {
    const client = make(options);
    client.on("error", () => {});
    await client.connect();
    onTestFinished(() => {
      if (client.isOpen) client.destroy();
    });
    return client;
  }

  test("says who it is, and its commands answer in the types of the protocol", async () => {
    const redis = await open({ name: "tester", database: 2 });
    expect(await redis.clientGetName()).toBe("tester");
    expect(await redis.set("a", "é", { expiration: { type: "EX", value: 10 }, condition: "NX" })).toBe("OK");
    expect(await redis.get("a")).toBe("é");
    expect(await redis.hSet("h", { a: "1", b: "2" })).toBe(2);
    expect({ ...(await redis.hGetAll("h")) }).toEqual({ a: "1", b: "2" });
    expect(
      await redis.zAdd("z", [
        { score: 1.5, value: "a" },
        { score: Infinity, value: "b" },
      ]),
    ).toBe(2);
    expect(await redis.zRangeWithScores("z", 0, -1)).toEqual([
      { value: "a", score: 1.5 },
      { value: "b", score: Infinity },
    ]);
    expect(await redis.zScore("z", "a")).toBe(1.5);
    expect(await redis.sAdd("s", ["x", "y"])).toBe(2);
    expect([...(await redis.sMembers("s"))].toSorted()).toEqual(["x", "y"]);
    expect(await redis.xAdd("x", "1-1", { f: "v" })).toBe("1-1");
    expect(await redis.xRange("x", "-", "+")).toMatchObject([{ id: "1-1", message: { f: "v" } }]);
    expect(await redis.configGet("maxmemory")).toMatchObject({ maxmemory: "0" });
    await expect(redis.incr("h")).rejects.toThrow("WRONGTYPE Operation against a key holding the wrong kind of value");
    await redis.flushDb();
    await redis.close();
  });

  test("pipelines, transactions, and watched keys", async () => {
    const redis = await open();
    const other = await open();
    expect(await Promise.all([redis.set("a", "1"), redis.incr("a"), redis.get("a")])).toEqual(["OK", 2, "2"]);
    expect(await redis.multi().incr("a").get("a").exec()).toEqual([3, "3"]);
    await redis.watch("a");
    await other.incr("a");
    await expect(redis.multi().set("a", "lost").exec()).rejects.toThrow(module.WatchError);
    await expect(redis.multi().lPush("a", "x").get("a").exec()).rejects.toThrow(/1 commands? failed/);
    expect(await redis.multi().set("b", "1").get("b").execAsPipeline()).toEqual(["OK", "1"]);
    const many = Array.from({ length: 10_000 }, (_item, n) => redis.set(`many:${n}`, String(n)));
    expect(new Set(await Promise.all(many))).toEqual(new Set(["OK"]));
  });

  test("keys are iterated", async () => {
    const redis = await open({ database: 3 });
    const names = Array.from({ length: 1000 }, (_item, n) => `scanned:${n}`);
    await redis.mSet(Object.fromEntries(names.map((name) => [name, "1"])));
    const found = new Set<string>();
    for await (const keys of redis.scanIterator({ MATCH: "scanned:*", COUNT: 100 })) for (const key of keys) found.add(key);
    expect([...found].toSorted()).toEqual(names.toSorted());
  });

  test("messages of channels and patterns arrive", async () => {
    const redis = await open();
    const listener = await open();
    const heard: unknown[] = [];
    await listener.subscribe("a", (message, channel) => heard.push([channel, message]));
    await listener.pSubscribe("c:*", (message, channel) => heard.push([channel, message]));
    await listener.sSubscribe("shard", (message, channel) => heard.push([channel, message]));
    expect([await redis.publish("a", "1"), await redis.publish("c:x", "é"), await redis.sPublish("shard", "s")]).toEqual([
      1, 1, 1,
    ]);
    await expect
      .poll(() => heard, patience)
      .toEqual([
        ["a", "1"],
        ["c:x", "é"],
        ["shard", "s"],
      ]);
    // In RESP3 whoever listens may go on asking.
    if (RESP === 3) expect(await listener.set("while", "listening")).toBe("OK");
    await listener.unsubscribe("a");
    await listener.pUnsubscribe();
    await listener.sUnsubscribe();
    expect(await redis.publish("a", "2")).toBe(0);
    expect(String(await listener.ping())).toBe("PONG");
  });

  test("blocking commands wait, are woken, and give up", async () => {
    const redis = await open();
    const [list, set, stream] = await Promise.all([open(), open(), open()]);
    const waiting = [list.blPop("bl", 0), set.bzPopMin("bz", 0), stream.xRead({ key: "bx", id: "$" }, { BLOCK: 0 })] as const;
    await expect.poll(async () => /blocked_clients:3/.test(await redis.info("clients")), patience).toBe(true);
    await Promise.all([redis.rPush("bl", "1"), redis.zAdd("bz", { score: 5, value: "m" }), redis.xAdd("bx", "1-1", { f: "v" })]);
    expect(await waiting[0]).toEqual({ key: "bl", element: "1" });
    expect(await waiting[1]).toEqual({ key: "bz", value: "m", score: 5 });
    expect(JSON.stringify(await waiting[2])).toContain('"1-1"');
    expect(await list.blPop("none", 0.01)).toBeNull();
    const left = await open();
    const gone = left.blPop("left", 0).catch((error: Error) => error.name);
    await expect.poll(async () => /blocked_clients:1/.test(await redis.info("clients")), patience).toBe(true);
    left.destroy();
    await gone;
    await expect.poll(async () => /blocked_clients:0/.test(await redis.info("clients")), patience).toBe(true);
    expect(await redis.rPush("left", "nobody took it")).toBe(1);
  });

  test("scripts become commands, and are sent whole when the server forgot them", async () => {
    const redis = await open();
    expect(await redis.bump("n", 2)).toBe(2);
    await redis.scriptFlush();
    expect(await redis.bump("n", 2)).toBe(4);
    await redis.functionLoad("#!lua name=lib\nredis.register_function('add', function(keys, args) return args[1] + 1 end)", {
      REPLACE: true,
    });
    expect(await redis.fCall("add", { keys: [], arguments: ["1"] })).toBe(2);
    const script = "redis.setresp(3) return {double=2.5}";
    expect(await redis.eval(script)).toEqual(RESP === 3 ? 2.5 : "2.5");
  });

  test("it comes back after its connection was cut, subscribed and in its database", async () => {
    const redis = await open();
    const cut = await open({ database: 5 });
    const heard: string[] = [];
    await cut.set("here", "1");
    const id = await cut.clientId();
    const ready = readyAgain(cut);
    await redis.sendCommand(["CLIENT", "KILL", "ID", String(id)]);
    await ready;
    expect(await cut.get("here")).toBe("1");
    await cut.subscribe("still", (message) => heard.push(message));
    const again = readyAgain(cut);
    await redis.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    await again;
    await expect.poll(() => redis.publish("still", "there"), patience).toBe(1);
    await expect.poll(() => heard, patience).toEqual(["there"]);
  });
});
