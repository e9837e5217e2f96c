import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisCluster, type RedisServer, startCluster, startRedis } from "../testing/index.ts";
import { describeLock } from "./fixtures/index.ts";
import { type Held, Lock, type LockOptions, writeFenced } from "./index.ts";

let server: RedisServer;
let cluster: RedisCluster;
let ports: Readonly<Record<"ioredis" | "nodeRedis" | "cluster" | "memory" | "prefixed", RedisPort>>;

beforeAll(async () => {
  [server, cluster] = await Promise.all([startRedis(), startCluster()]);
  ports = {
    ioredis: await connect(server.url, { client: "ioredis" }),
    nodeRedis: await connect(server.url, { client: "node-redis" }),
    cluster: await connect(cluster.url),
    memory: await connect("memory:"),
    prefixed: await connect(server.url, { prefix: "shop" }),
  };
});

afterAll(async () => {
  await Promise.all(Object.values(ports ?? {}).map((port) => port.close()));
  await Promise.all([server?.stop(), cluster?.stop()]);
});

describeLock("ioredis", { redis: () => ports.ioredis });
describeLock("node-redis", { redis: () => ports.nodeRedis });
describeLock("cluster", { redis: () => ports.cluster });
describeLock("memory", { redis: () => ports.memory });

test("a connection's prefix stands before keys and channels", async () => {
  const lock = new Lock(ports.prefixed);
  const held = await lock.acquire("prefixed");
  expect(await ports.ioredis.send(["GET", "shop:lock:{prefixed}:lease"], { resend: "ok" })).toBe(held.owner);
  const waiting = lock.acquire("prefixed");
  const numsub = ["PUBSUB", "NUMSUB", "shop:lock:{prefixed}:lease"];
  await expect.poll(() => ports.ioredis.send(numsub, { resend: "ok" })).toEqual([numsub[2], 1]);
  await held.release();
  await (await waiting).release();
});

test("using answers what the work answers, and throws what it throws", async () => {
  const lock = new Lock(ports.ioredis);
  expect(await lock.using("used", (held: Held) => held.resources)).toEqual(["used"]);
  await expect(lock.using("used", () => Promise.reject(new Error("no paper")))).rejects.toThrow("no paper");
  expect(await lock.inspect("used")).toMatchObject({ owner: undefined });
});

test("work that went on after its lease was lost does not pass for done", async () => {
  const lock = new Lock(ports.ioredis);
  const done = lock.using("forced", () => lock.forceRelease("forced"));
  await expect(done).rejects.toMatchObject({ code: "LOCK_LEASE_LOST" });
});

test("what happens is told", async () => {
  const lock = new Lock(ports.ioredis, { wait: 0 });
  const told: unknown[] = [];
  for (const name of ["acquire", "deny", "release", "lose"] as const) {
    lock.on(name, ({ resources }) => told.push([name, ...resources]));
  }
  const held = await lock.acquire("told");
  await lock.tryAcquire("told");
  await held.release();
  const lost = await lock.acquire("told");
  await expect
    .poll(() => ports.ioredis.send(["PUBSUB", "NUMSUB", "lock:revoked"], { resend: "ok" }))
    .not.toEqual(["lock:revoked", 0]);
  await lock.forceRelease("told");
  await expect.poll(() => told.length).toBe(5);
  expect(told.map((each) => (each as string[])[0])).toEqual(["acquire", "deny", "release", "acquire", "lose"]);
  expect(await lost.release()).toBe("lost");
});

test("options that cannot be used are refused before Redis is asked", async () => {
  const redis = ports.ioredis;
  expect(() => new Lock(redis, { leese: "1m" } as LockOptions)).toThrow('Did you mean "lease"?');
  expect(() => new Lock(redis, { lease: 1 })).toThrow("Lock.lease must be a duration");
  const lock = new Lock(redis);
  await expect(lock.acquire("a", { waite: 1 } as object)).rejects.toThrow('Did you mean "wait"?');
  for (const resource of ["", "}", "a".repeat(513), [], 7 as unknown as string]) {
    await expect(lock.acquire(resource)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "resource" });
  }
  await expect(new Lock(redis, { fair: true }).acquire(["a", "b"])).rejects.toMatchObject({ code: "INPUT_INVALID" });
  await expect(lock.using("a", Promise.resolve(1) as never)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "work" });
  // Nobody had it, not even for a moment.
  expect(await lock.inspect("a")).toMatchObject({ owner: undefined, token: undefined });
});

test("a fenced write has no field of the name under which the token is kept: it would not be written", async () => {
  const write = writeFenced(ports.ioredis, "{fenced}", { token: 1n, fields: { fence: "of wood", state: "paid" } });
  await expect(write).rejects.toMatchObject({ code: "INPUT_INVALID", field: "fields.fence" });
  expect(await ports.ioredis.send(["EXISTS", "{fenced}"], { key: "{fenced}", resend: "ok" })).toBe(0);
});

test("replicas that do not confirm in time are a reason to give the lease back", async () => {
  const lock = new Lock(ports.ioredis, { replicas: 1, replicaTimeout: 10, wait: 0 });
  const error = await lock.acquire("copied").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "LOCK_UNAVAILABLE", temporary: true });
  expect((error as Error).message).toContain("0 of 1 replicas");
  expect(await lock.inspect("copied")).toMatchObject({ owner: undefined });
});

test("replicas that confirm let the lease stand, and have it", async () => {
  const replica = await startRedis({ engine: "redis-server", args: ["--replicaof", "127.0.0.1", String(primary.port)] });
  const [redis, copy] = [await connect(primary.url), await connect(replica.url)];
  try {
    await expect.poll(() => redis.send(["WAIT", "1", "100"], { resend: "ok" }), { timeout: 10_000 }).toBe(1);
    const held = await new Lock(redis, { replicas: 1, replicaTimeout: "5s" }).acquire("copied");
    expect(await copy.send(["GET", "lock:{copied}:lease"], { resend: "ok" })).toBe(held.owner);
    await held.release();
  } finally {
    await Promise.all([redis.close(), copy.close()]);
    await replica.stop();
  }
});

let primary: RedisServer;
beforeAll(async () => {
  // Replicas are a real server's: the embedded engine has none.
  primary = await startRedis({ engine: "redis-server", tcp: true, args: ["--repl-diskless-sync-delay", "0"] });
});
afterAll(() => primary?.stop());
