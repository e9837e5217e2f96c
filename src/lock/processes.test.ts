import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type Child, startChild } from "./fixtures/index.ts";
import { Lock } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
const children: Child[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.end())));
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

async function start(options: object): Promise<Child> {
  const child = await startChild(server.url, options);
  children.push(child);
  return child;
}

test("a holder that was stopped past its lease writes nothing over what the next holder wrote", async () => {
  const [first, second] = await Promise.all([start({ lease: 300 }), start({ lease: 300, wait: "10s" })]);
  const older = BigInt(await first.ask("acquire account"));
  expect(await first.ask("write balance 1")).toBe("written");
  first.process.kill("SIGSTOP");
  // Told while it is stopped: it does so as soon as it goes on, before it can look at any clock.
  first.tell("write balance 2");
  first.tell("certain");
  first.tell("lost");
  const newer = BigInt(await second.ask("acquire account"));
  expect(newer).toBeGreaterThan(older);
  expect(await second.ask("write balance 3")).toBe("written");
  first.process.kill("SIGCONT");
  expect(await first.heard()).toBe("stale");
  expect(await first.heard()).toMatch(/^LOCK_LEASE_LOST (?:lapsed|taken)$/);
  expect(await first.heard()).toBe("LOCK_LEASE_LOST");
  expect(await redis.send(["HGET", "balance", "value"], { resend: "ok" })).toBe("3");
  expect(await second.ask("certain")).toBe("certain");
  expect(await second.ask("release")).toBe("released");
});

test("a holder that was killed blocks nobody for longer than its lease", async () => {
  const child = await start({ lease: 300 });
  await child.ask("acquire killed");
  await child.end();
  const { remainingMs } = await new Lock(redis).inspect("killed");
  expect(remainingMs).toBeLessThanOrEqual(300);
  const since = performance.now();
  const held = await new Lock(redis, { wait: "10s" }).acquire("killed");
  expect(performance.now() - since).toBeLessThan(remainingMs + 500);
  await held.release();
});

test("three processes that count under a lock lose no count", async () => {
  const all = await Promise.all([start({ wait: "14s" }), start({ wait: "14s" }), start({ wait: "14s" })]);
  expect(await Promise.all(all.map((child) => child.ask("count counter total 60")))).toEqual(["counted", "counted", "counted"]);
  expect(await redis.send(["GET", "total"], { resend: "ok" })).toBe("180");
});

test("a killed process in a fair line is stepped over", async () => {
  const lock = new Lock(redis, { fair: true, wait: "14s" });
  const held = await lock.acquire("line");
  const child = await start({ fair: true, wait: "1m" });
  child.tell("acquire line");
  await expect.poll(async () => (await lock.inspect("line")).waiting).toBe(1);
  await child.end();
  const next = lock.acquire("line");
  await held.release();
  await (await next).release();
});
