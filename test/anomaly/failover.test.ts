import { randomUUID } from "node:crypto";
import { connect, type RedisPort } from "redlua/client";
import { Queue } from "redlua/jobs";
import { type RedisServer, startRedis } from "redlua/testing";
import type { Worker } from "redlua/worker";
import { expect, onTestFinished, test } from "vitest";
import { gate, work } from "../support/working.ts";

const jobs = 2_000;
/** A master usually waits 5 s for further replicas before it sends its data to one. */
const atOnce = ["--repl-diskless-sync-delay", "0"];

/** A server and its replica, which has all that the server has, and a port to each. */
async function pair(): Promise<{
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly redis: RedisPort;
  /** Asks the replica by its socket. */
  readonly standby: RedisPort;
}> {
  const master = await startRedis({ engine: "redis-server", tcp: true, args: atOnce });
  const replica = await startRedis({
    engine: "redis-server",
    tcp: true,
    args: [...atOnce, "--replicaof", "127.0.0.1", String(master.port)],
  });
  const [redis, standby] = await Promise.all([connect(master.url), connect(`unix://${replica.socket}`)]);
  onTestFinished(async () => {
    await Promise.all([redis.close(), standby.close()]);
    await Promise.all([master.stop(), replica.stop()]);
  });
  await linked(standby);
  return { master, replica, redis, standby };
}

/** Resolves when a replica has caught up with its master. */
async function linked(replica: RedisPort): Promise<void> {
  const info = (): Promise<unknown> => replica.send(["INFO", "replication"], { resend: "ok" });
  await expect.poll(info, { interval: 10 }).toContain("master_link_status:up");
}

interface Scene {
  readonly queue: Queue;
  readonly worker: Worker;
  readonly runs: ReadonlyMap<string, number>;
  readonly events: readonly string[];
  /** Lets handlers go on. */
  open(): void;
}

/** A worker in the middle of its jobs, whose handlers stand still, and all that it has told is on the replica. */
async function midway(redis: RedisPort, chosen: boolean): Promise<Scene> {
  const queue = new Queue(redis, `f-${randomUUID()}`);
  await queue.addMany(
    Array.from({ length: jobs }, (_, n) => ({ name: "n", payload: n, ...(chosen ? { options: { id: `${n}` } } : {}) })),
  );
  const runs = new Map<string, number>();
  const held = gate();
  const handler = async ({ id }: { readonly id: string }): Promise<string> => {
    if (runs.size >= jobs / 2) await held.passed;
    runs.set(id, (runs.get(id) ?? 0) + 1);
    return id;
  };
  const worker = await work(queue, handler, { concurrency: 20, lease: "1h" });
  const events: string[] = [];
  worker.on("error", ({ error }) => events.push(`error ${(error as { readonly code?: string }).code}`));
  worker.on("recovered", () => events.push("recovered"));
  const settled = async (): Promise<number> => (await queue.stats()).completed;
  await expect.poll(settled, { interval: 5 }).toBe(runs.size);
  await expect.poll(settled, { interval: 5 }).toBe(jobs / 2);
  expect(await redis.send(["WAIT", "1", "10000"], { resend: "ok" })).toBe(1);
  return { queue, worker, runs, events, open: held.open };
}

async function expectAllRunOnce({ queue, worker, runs }: Scene): Promise<void> {
  await expect.poll(async () => (await queue.stats()).completed, { timeout: 20_000, interval: 20 }).toBe(jobs);
  expect([runs.size, Math.max(...runs.values())]).toEqual([jobs, 1]);
  await worker.stop();
}

test("a worker whose Redis is made a replica says so, and goes on when it may write again", async () => {
  const { replica, redis, standby } = await pair();
  const scene = await midway(redis, true);
  await standby.send(["REPLICAOF", "NO", "ONE"], { resend: "ok" });
  await redis.send(["REPLICAOF", "127.0.0.1", String(replica.port)], { resend: "ok" });
  await linked(redis);
  scene.open();
  await expect.poll(() => scene.events, { interval: 5 }).toEqual(["error READONLY"]);
  await redis.send(["REPLICAOF", "NO", "ONE"], { resend: "ok" });
  await expectAllRunOnce(scene);
  expect(scene.events).toEqual(["error READONLY", "recovered"]);
}, 60_000);

test("a worker whose Redis is killed goes on with the replica that takes its address, and runs nothing twice", async () => {
  const { master, redis, standby } = await pair();
  const scene = await midway(redis, false);
  await master.kill();
  scene.open();
  await expect.poll(() => scene.events.length, { interval: 5 }).toBe(1);
  await standby.send(["REPLICAOF", "NO", "ONE"], { resend: "ok" });
  await standby.send(["CONFIG", "SET", "port", String(master.port)], { resend: "ok" });
  await expectAllRunOnce(scene);
  expect(scene.events).toEqual([expect.stringMatching(/^error CLIENT_/), "recovered"]);
}, 60_000);
