import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { connect, type Reply } from "redlua/client";
import { defineScript, run } from "redlua/script";
import { startRedis } from "redlua/testing";
import { expect, onTestFinished, test } from "vitest";
import { requireRedisServer } from "../../src/testing/find-redis-server.ts";
import { freePorts } from "../../src/testing/free-port.ts";
import { ServerProcess } from "../../src/testing/server-process.ts";
import { freshFolder } from "../../src/testing/watchdog.ts";

const add = defineScript({
  name: "test.add",
  keys: { count: "string" },
  args: {},
  reply: "integer",
  writes: "once",
  lua: 'return redis.call("INCR", KEYS[1])',
});

/** A sentinel that watches a primary, and a client of its own to ask it. */
async function startSentinel(primary: number): Promise<{ readonly port: number; readonly client: Redis }> {
  const [port] = (await freePorts(1)) as [number];
  const folder = await freshFolder();
  const config = join(folder, "sentinel.conf");
  const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`, `sentinel monitor my-main 127.0.0.1 ${primary} 1`, ""];
  await writeFile(config, lines.join("\n"));
  const program = requireRedisServer("A sentinel is a real server.");
  const server = new ServerProcess([program, config, "--sentinel"], folder, { host: "127.0.0.1", port });
  onTestFinished(() => server.remove());
  await server.start();
  const client = new Redis({ port });
  onTestFinished(() => client.disconnect());
  return { port, client };
}

test("with Sentinel all goes on at the new primary as soon as the sentinels name it", { timeout: 40_000 }, async () => {
  const quick = ["--repl-diskless-sync-delay", "0"];
  await using first = await startRedis({ engine: "redis-server", tcp: true, args: quick });
  await using second = await startRedis({ engine: "redis-server", tcp: true, args: ["--replicaof", `127.0.0.1 ${first.port}`] });
  const direct = new Redis({ path: second.socket });
  onTestFinished(() => direct.disconnect());
  // waits: for the replica to have what the primary has, of which nobody tells a client.
  await expect.poll(() => direct.info("replication")).toContain("master_link_status:up");
  const sentinel = await startSentinel(first.port as number);
  // waits: for the sentinel to hear of the replica, which it asks the primary for.
  await expect.poll(() => sentinel.client.call("SENTINEL", "REPLICAS", "my-main")).toHaveLength(1);

  await using redis = await connect(`redis+sentinel://127.0.0.1:${sentinel.port}/my-main`);
  const heard: string[] = [];
  await redis.subscribe("news", { message: (text) => heard.push(text), restored: () => heard.push("restored") });
  expect(await run(redis, add, { count: "n" }, {})).toBe(1);
  const { signal } = new AbortController();
  const popped = redis.block(["BLPOP", "list", "0"], { key: "list", signal }).catch((error: unknown) => error);
  await expect.poll(() => redis.send(["INFO", "clients"], { resend: "ok" })).toContain("blocked_clients:1");
  await expect.poll(() => direct.get("n")).toBe("1");

  // waits: for the sentinel to have asked the replica how it is; until then it is none to promote.
  const failOver = (): Promise<unknown> => sentinel.client.call("SENTINEL", "FAILOVER", "my-main").catch(String);
  await expect.poll(failOver, { timeout: 10_000 }).toBe("OK");
  // waits: five seconds at most. The old primary goes on answering as one for eight or more, and what it is told then is lost.
  const answering = (): Promise<Reply> => redis.send(["CONFIG", "GET", "port"], { resend: "ok" });
  await expect.poll(answering, { timeout: 5_000 }).toEqual(["port", String(second.port)]);
  expect(await run(redis, add, { count: "n" }, {})).toBe(2);
  expect(await direct.get("n")).toBe("2");
  // Who waited at the old primary is told, and may wait at the new one.
  expect(await popped).toMatchObject({ code: "CLIENT_DISCONNECTED" });
  await direct.rpush("list", "one");
  expect(await redis.block(["BLPOP", "list", "0"], { key: "list", signal })).toEqual(["list", "one"]);
  await expect.poll(() => heard).toEqual(["restored"]);
  await direct.publish("news", "from the new primary");
  await expect.poll(() => heard).toEqual(["restored", "from the new primary"]);
});
