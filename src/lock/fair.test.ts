import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { keysWithoutTtl } from "./fixtures/index.ts";
import { Lock } from "./index.ts";
import { lockKeys } from "./keys.ts";
import { acquireInTurn, leave, releaseInTurn } from "./scripts.gen.ts";

let server: RedisServer;
let ports: RedisPort[];

beforeAll(async () => {
  server = await startRedis();
  ports = await Promise.all([connect(server.url), connect(server.url), connect(server.url)]);
});

afterAll(async () => {
  await Promise.all((ports ?? []).map((port) => port.close()));
  await server?.stop();
});

/** Locks of three programs. */
const locks = (): readonly Lock[] => ports.map((redis) => new Lock(redis, { fair: true, wait: "14s" }));

async function waiting(lock: Lock, resource: string, count: number): Promise<void> {
  await expect.poll(async () => (await lock.inspect(resource)).waiting, { interval: 2 }).toBe(count);
}

test("callers of several programs are served in the order in which they came", async () => {
  const all = locks();
  const first = all[0] as Lock;
  const held = await first.acquire("order");
  const served: number[] = [];
  const calls: Promise<unknown>[] = [];
  for (let index = 0; index < 30; index++) {
    calls.push((all[index % 3] as Lock).using("order", () => served.push(index)));
    await waiting(first, "order", index + 1);
  }
  await held.release();
  await Promise.all(calls);
  expect(served).toEqual(Array.from({ length: 30 }, (_, index) => index));
});

test("who does not wait does not overtake, and takes no place", async () => {
  const [one, two] = locks() as [Lock, Lock];
  const held = await one.acquire("tried");
  const next = one.acquire("tried");
  await waiting(one, "tried", 1);
  expect(await two.tryAcquire("tried")).toMatchObject({ granted: false });
  expect((await one.inspect("tried")).waiting).toBe(1);
  await held.release();
  expect(await two.tryAcquire("tried")).toMatchObject({ granted: false });
  expect((await one.inspect("tried")).waiting).toBeLessThanOrEqual(1);
  await (await next).release();
});

test("who gives up leaves the line", async () => {
  const [one, two] = locks() as [Lock, Lock];
  const held = await one.acquire("left");
  const stop = new AbortController();
  const impatient = two.acquire("left", { signal: stop.signal });
  await waiting(one, "left", 1);
  const patient = one.acquire("left");
  await waiting(one, "left", 2);
  stop.abort(new Error("enough"));
  await expect(impatient).rejects.toThrow("enough");
  await waiting(one, "left", 1);
  await held.release();
  await (await patient).release();
  await expect(two.acquire("left", { wait: 1 }).then((lease) => lease.release())).resolves.toBe("released");
});

test("who asks without waiting leaves the line as it is, and who leaves it leaves nothing", async () => {
  const [redis] = ports as [RedisPort];
  const keys = lockKeys("untouched");
  const ask = (owner: string, ticketMs: number) =>
    run(redis, acquireInTurn, keys, { owner, leaseMs: 60_000, fenceMs: 60_000, ticketMs });
  await ask("holder", 0);
  await ask("waits", 60_000);
  expect(await ask("tries", 0)).toMatchObject({ outcome: "held", owner: "holder" });
  const names = async (key: string): Promise<unknown> => await redis.send(["ZRANGE", key, "0", "-1"], { resend: "ok" });
  expect([await names(keys.queue), await names(keys.tickets)]).toEqual([["waits"], ["waits"]]);
  await run(redis, leave, { lease: keys.lease, queue: keys.queue, tickets: keys.tickets }, { owner: "waits" });
  expect([await names(keys.queue), await names(keys.tickets)]).toEqual([[], []]);
});

test("a place in line lapses by the server's clock if its owner does not ask again, and the next moves up", async () => {
  const [redis] = ports as [RedisPort];
  const keys = lockKeys("tickets");
  const at = 1_700_000_000_000;
  const ask = (owner: string, now: number) =>
    run(redis, acquireInTurn, keys, { owner, leaseMs: 60_000, fenceMs: 60_000, ticketMs: 3_000, now });
  expect(await ask("a", at)).toMatchObject({ outcome: "granted" });
  expect(await ask("dead", at)).toMatchObject({ outcome: "held", owner: "a" });
  expect(await ask("alive", at)).toMatchObject({ outcome: "held", owner: "a" });
  await run(redis, releaseInTurn, { lease: keys.lease, queue: keys.queue }, { owner: "a" });
  expect(await ask("alive", at + 2_000)).toEqual({ outcome: "held", owner: "dead", retryInMs: 1_000 });
  expect(await ask("alive", at + 3_000)).toMatchObject({ outcome: "granted" });
  expect(await keysWithoutTtl(redis)).toEqual([]);
});
