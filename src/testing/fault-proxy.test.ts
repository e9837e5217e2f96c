import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "./index.ts";
import { RespFrames } from "./resp-frames.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

async function proxied(): Promise<{ readonly proxy: FaultProxy; readonly redis: Redis }> {
  const proxy = await startFaultProxy({ target: server.url });
  const redis = new Redis({ port: proxy.port, retryStrategy: null });
  redis.on("error", () => {});
  onTestFinished(async () => {
    redis.disconnect();
    await proxy.close();
  });
  await redis.ping();
  return { proxy, redis };
}

/** Looks at the server without a proxy in between. */
function witness(): Redis {
  const redis = new Redis({ path: server.socket });
  onTestFinished(() => redis.disconnect());
  return redis;
}

test("untouched, everything passes: large values, bytes, and published messages", async () => {
  const { proxy, redis } = await proxied();
  const large = Buffer.alloc(300_000, "x\r\n$*");
  await redis.set("large", large);
  expect((await redis.getBuffer("large"))?.equals(large)).toBe(true);
  const subscriber = redis.duplicate();
  onTestFinished(() => subscriber.disconnect());
  const heard = new Promise((resolve) => subscriber.on("message", (_channel, text) => resolve(text)));
  await subscriber.subscribe("channel");
  await redis.publish("channel", "hello");
  expect(await heard).toBe("hello");
  expect(proxy.connections).toBe(2);
});

test("a dropped reply: the server has run the command, the replies before it arrive, the connection is closed", async () => {
  const { proxy, redis } = await proxied();
  const dropped = proxy.dropNextReply({ of: "incr", after: 1 });
  const calls = [redis.set("dropped", "0"), redis.incr("dropped"), redis.incr("dropped")];
  const outcomes = await Promise.allSettled(calls);
  await dropped;
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(await witness().get("dropped")).toBe("2");
});

test("a reset ends every connection, and refusing keeps new ones out until it is healed", async () => {
  const { proxy, redis } = await proxied();
  const closed = new Promise((resolve) => redis.once("end", resolve));
  proxy.refuse();
  proxy.reset();
  await closed;
  await expect(redis.connect()).rejects.toThrow();
  await proxy.heal();
  await redis.connect();
  expect(await redis.ping()).toBe("PONG");
});

test("in a black hole nothing is lost, only late", async () => {
  const { proxy, redis } = await proxied();
  proxy.blackHole();
  const answered = redis.incr("hole");
  // The server answers others meanwhile, and has not heard of it.
  const other = witness();
  await other.ping();
  expect(await other.get("hole")).toBeNull();
  await proxy.heal();
  expect(await answered).toBe(1);
});

test("a delay makes both directions late, in order", async () => {
  const { proxy, redis } = await proxied();
  proxy.delay(30);
  const before = performance.now();
  expect(await Promise.all([redis.set("slow", "1"), redis.get("slow")])).toEqual(["OK", "1"]);
  expect(performance.now() - before).toBeGreaterThanOrEqual(58);
});

test("a stream is cut into the same values however it arrives", () => {
  const stream = Buffer.from(
    "+OK\r\n:1\r\n$5\r\na\r\nbc\r\n*2\r\n$-1\r\n*1\r\n+x\r\n%1\r\n+k\r\n,1.5\r\n>2\r\n+p\r\n_\r\n*-1\r\n$0\r\n\r\n",
  );
  const whole = new RespFrames().push(stream).map(String);
  expect(whole).toEqual([
    "+OK\r\n",
    ":1\r\n",
    "$5\r\na\r\nbc\r\n",
    "*2\r\n$-1\r\n*1\r\n+x\r\n",
    "%1\r\n+k\r\n,1.5\r\n",
    ">2\r\n+p\r\n_\r\n",
    "*-1\r\n",
    "$0\r\n\r\n",
  ]);
  const frames = new RespFrames();
  const bytes = [...stream].flatMap((byte) => frames.push(Buffer.from([byte])).map(String));
  expect(bytes).toEqual(whole);
});

test("a delay that becomes shorter does not let what comes later overtake what came before", async () => {
  const { proxy, redis } = await proxied();
  proxy.delay(40);
  const slow = redis.echo("first");
  // waits: until the first is on its way through the proxy; nothing tells.
  await new Promise((done) => setTimeout(done, 10));
  proxy.delay(0);
  expect(await Promise.all([slow, redis.echo("second")])).toEqual(["first", "second"]);
});
