import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { Lock, LockUnavailableError } from "./index.ts";
import { acquire, extend, release } from "./scripts.gen.ts";

let server: RedisServer;
let proxy: FaultProxy;
let redis: RedisPort;
/** Looks at the server without the proxy in between. */
let witness: Lock;
let direct: RedisPort;
let lock: Lock;

beforeAll(async () => {
  server = await startRedis();
  direct = await connect(server.url);
  witness = new Lock(direct);
});
afterAll(async () => {
  await direct?.close();
  await server?.stop();
});
beforeEach(async () => {
  proxy = await startFaultProxy({ target: server });
  redis = await connect(proxy.url);
  lock = new Lock(redis);
  // So that each script is known, and a call of it is one command.
  await lock.using("known", (held) => held.extend());
});
afterEach(async () => {
  await redis.close();
  await proxy.close();
});

const callOf =
  (sha: string) =>
  (words: readonly string[]): boolean =>
    words[0] === "EVALSHA" && words[1] === sha;

test("an acquisition whose reply is lost is held all the same, under the token that Redis remembers", async () => {
  const dropped = proxy.dropNextReply({ of: callOf(acquire.sha) });
  const held = await lock.acquire("a");
  await dropped;
  expect(await witness.inspect("a")).toMatchObject({ owner: held.owner, token: held.token });
  expect(await held.release()).toBe("released");
});

test("an extension whose reply is lost is an extension", async () => {
  const held = await lock.acquire("b");
  const dropped = proxy.dropNextReply({ of: callOf(extend.sha) });
  await held.extend("1h");
  await dropped;
  expect(held.remaining()).toBeGreaterThan(3_500_000);
  expect((await witness.inspect("b")).remainingMs).toBeGreaterThan(3_500_000);
  await held.release();
});

test("a release whose reply is lost is a release, and says so", async () => {
  const held = await lock.acquire("c");
  const dropped = proxy.dropNextReply({ of: callOf(release.sha) });
  expect(await held.release()).toBe("released");
  await dropped;
  expect(await witness.inspect("c")).toMatchObject({ owner: undefined });
});

test("an acquisition that was given up before its reply is given back", async () => {
  // A busy machine looks late: the reply must be on its way still.
  proxy.delay(400);
  const stop = new AbortController();
  const acquiring = lock.acquire("d", { signal: stop.signal });
  await expect.poll(async () => (await witness.inspect("d")).owner, { interval: 5, timeout: 5_000 }).toBeDefined();
  stop.abort(new Error("enough"));
  await expect(acquiring).rejects.toThrow("enough");
  await expect.poll(async () => (await witness.inspect("d")).owner, { timeout: 5_000 }).toBeUndefined();
});

test("connections that are reset in between are not noticed", async () => {
  const held = await lock.acquire("e");
  proxy.reset();
  await held.extend();
  proxy.reset();
  expect(await held.release()).toBe("released");
});

test("a waiting caller whose subscription was reset is woken all the same", async () => {
  const held = await witness.acquire("f", { lease: "1h" });
  const waiting = lock.acquire("f", { wait: "10s" });
  await expect.poll(() => direct.send(["PUBSUB", "NUMSUB", "lock:{f}:lease"], { resend: "ok" })).toEqual(["lock:{f}:lease", 1]);
  proxy.reset();
  await held.release();
  await (await waiting).release();
});

test("scripts that the server has forgotten are given to it again", async () => {
  const held = await lock.acquire("g");
  await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
  await held.extend();
  await direct.send(["SCRIPT", "FLUSH"], { resend: "ok" });
  expect(await held.release()).toBe("released");
});

test("when Redis is away a call fails within its wait and says so, and a release does not throw", async () => {
  const held = await lock.acquire("h", { lease: "2s" });
  proxy.blackHole();
  const since = performance.now();
  const error = await lock.acquire("i", { wait: 100 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LockUnavailableError);
  expect(error).toMatchObject({ code: "LOCK_UNAVAILABLE", temporary: true, nodes: [{ node: 0, outcome: "failed" }] });
  expect(performance.now() - since).toBeLessThan(1_000);
  expect(await held.release()).toBe("unknown");
  await proxy.heal();
});

test("a holder that cannot reach Redis knows that its lease is over by the time it is", async () => {
  const held = await lock.acquire("j", { lease: 250 });
  const lost = new Promise((done) => held.signal.addEventListener("abort", () => done(held.signal.reason)));
  proxy.blackHole();
  expect(await lost).toMatchObject({ code: "LOCK_LEASE_LOST", reason: "lapsed" });
  await expect.poll(async () => (await witness.inspect("j")).owner).toBeUndefined();
  await proxy.heal();
});

test("a failed extension is tried again, so a short outage costs nothing", async () => {
  const held = await lock.acquire("k", { lease: "3s" });
  proxy.blackHole();
  // The first extension, at a third of the lease, has been given up by then.
  await expect.poll(() => held.remaining(), { interval: 5, timeout: 4_000 }).toBeLessThan(900);
  await proxy.heal();
  await expect.poll(() => held.remaining(), { interval: 5, timeout: 4_000 }).toBeGreaterThan(1_500);
  expect(await held.release()).toBe("released");
});

test("who waits while Redis restarts goes on waiting, and gets what the restart set free", async () => {
  await using own = await startRedis();
  const port = await connect(own.url);
  const waiter = new Lock(port, { wait: "10s" });
  const held = await waiter.acquire("restart", { lease: "1h" });
  const waiting = waiter.acquire("restart");
  await expect
    .poll(() => port.send(["PUBSUB", "NUMSUB", "lock:{restart}:lease"], { resend: "ok" }))
    .toEqual(["lock:{restart}:lease", 1]);
  await own.restart();
  const next = await waiting;
  expect(next.token).toBeGreaterThan(held.token);
  await expect(held.extend()).rejects.toMatchObject({ code: "LOCK_LEASE_LOST", reason: "taken" });
  expect(await next.release()).toBe("released");
  await port.close();
});
