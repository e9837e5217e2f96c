import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Arg, connect, type RedisPort, type SendOptions } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { keysWithoutTtl, runsDuring, stall } from "./fixtures/index.ts";
import { LockUnavailableError, Redlock } from "./index.ts";

let servers: RedisServer[];
let ports: RedisPort[];

beforeAll(async () => {
  servers = await Promise.all(Array.from({ length: 5 }, () => startRedis()));
  ports = await Promise.all(servers.map(({ url }) => connect(url)));
});

afterEach(() => {
  for (const server of servers) server.resume();
});

afterAll(async () => {
  await Promise.all((ports ?? []).map((port) => port.close()));
  await Promise.all((servers ?? []).map((server) => server.stop()));
});

let count = 0;
const fresh = (): string => `thing:${++count}`;

/** Who holds a resource on each of so many servers. */
function owners(resource: string, nodes: number): Promise<readonly unknown[]> {
  return Promise.all(ports.slice(0, nodes).map((port) => port.send(["GET", `lock:{${resource}}:lease`], { resend: "ok" })));
}

/** The same port, whose replies come after what another port was asked meanwhile. */
function outrun(port: RedisPort, by: () => Promise<unknown>): RedisPort {
  return Object.create(port, {
    traits: { value: port.traits },
    send: {
      value: async (words: readonly Arg[], options: SendOptions) => {
        const reply = await port.send(words, options);
        await by();
        return reply;
      },
    },
    batch: { value: port.batch.bind(port) },
    subscribe: { value: port.subscribe.bind(port) },
  }) as RedisPort;
}

describe.each([
  [3, 1],
  [5, 2],
])("of %i servers", (nodes, mayFail) => {
  test(`${mayFail} may be away: a lease is taken, extended and released all the same`, async () => {
    const redlock = new Redlock(ports.slice(0, nodes), { lease: "5s" });
    const resource = fresh();
    for (const server of servers.slice(0, mayFail)) server.pause();
    const held = await redlock.acquire(resource);
    await held.extend();
    held.assert();
    expect(await redlock.tryAcquire(resource)).toMatchObject({ granted: false, owner: held.owner });
    expect(await held.release()).toBe("released");
    for (const server of servers) server.resume();
    // What the servers that were away were asked in the meantime is given back there too.
    await expect.poll(() => owners(resource, nodes)).toEqual(Array.from({ length: nodes }, () => null));
  });

  test(`with ${mayFail + 1} away nothing is granted, each says why, and nothing stays taken`, async () => {
    const redlock = new Redlock(ports.slice(0, nodes), { lease: "5s", wait: 0 });
    const resource = fresh();
    for (const server of servers.slice(0, mayFail + 1)) server.pause();
    const since = performance.now();
    const error = (await redlock.acquire(resource).catch((reason: unknown) => reason)) as LockUnavailableError;
    expect(performance.now() - since).toBeLessThan(2_500);
    expect(error).toBeInstanceOf(LockUnavailableError);
    expect(error).toMatchObject({ code: "LOCK_UNAVAILABLE", temporary: true });
    expect(error.nodes.filter(({ outcome }) => outcome === "failed").map(({ node }) => node)).toEqual(
      Array.from({ length: mayFail + 1 }, (_, index) => index),
    );
    for (const server of servers) server.resume();
    await expect.poll(() => owners(resource, nodes)).toEqual(Array.from({ length: nodes }, () => null));
  });

  test(`a lease is lost when ${mayFail + 1} servers forget it, and not before`, async () => {
    const redlock = new Redlock(ports.slice(0, nodes), { lease: "5s" });
    const resource = fresh();
    const held = await redlock.acquire(resource);
    await expect.poll(() => owners(resource, nodes)).toEqual(Array.from({ length: nodes }, () => held.owner));
    const forget = (some: readonly RedisPort[]) => Promise.all(some.map((port) => port.send(["FLUSHALL"], { resend: "ok" })));
    await forget(ports.slice(0, mayFail));
    await held.extend();
    // A majority still had it, so the others are given it again.
    await expect
      .poll(async () => {
        await held.extend();
        return await owners(resource, nodes);
      })
      .toEqual(Array.from({ length: nodes }, () => held.owner));
    await forget(ports.slice(0, mayFail + 1));
    await expect(held.extend()).rejects.toMatchObject({ code: "LOCK_LEASE_LOST", reason: "taken" });
  });
});

test("60 callers of two programs are let in one by one, with tokens that grow", async () => {
  const locks = [new Redlock(ports.slice(0, 3), { wait: "14s" }), new Redlock(ports.slice(0, 3), { wait: "14s" })];
  const resource = fresh();
  let inside = 0;
  let most = 0;
  const tokens: bigint[] = [];
  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      (locks[index % 2] as Redlock).using(resource, async ({ token }) => {
        most = Math.max(most, ++inside);
        tokens.push(token);
        await ports[0]?.send(["PING"], { resend: "ok" });
        inside--;
      }),
    ),
  );
  expect([most, tokens.length]).toEqual([1, 60]);
  expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
});

test("who waits asks now and then, and has it soon after the release", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { wait: "10s", nodeTimeout: "5s" });
  const resource = fresh();
  const held = await new Redlock(ports.slice(0, 3), { lease: "1h", nodeTimeout: "5s" }).acquire(resource);
  const waiting = redlock.acquire(resource);
  const runs = await runsDuring("lock.acquire", async () => {
    await expect(redlock.acquire(resource, { wait: 500 })).rejects.toThrow();
  });
  // A try asks each server.
  expect(runs / 3).toBeLessThanOrEqual(15);
  const releasedAt = performance.now();
  await held.release();
  const next = await waiting;
  expect(performance.now() - releasedAt).toBeLessThan(900);
  await next.release();
});

test("a server that forgot a lease is not given it again by an extension that its release overtook", async () => {
  const [one, other, forgetful] = ports as [RedisPort, RedisPort, RedisPort];
  const resource = fresh();
  const lease = `lock:{${resource}}:lease`;
  // A command of its own, so that the forgetful server has answered all that it was asked before.
  const answered = () => forgetful.send(["PING"], { resend: "ok" });
  const redlock = new Redlock([outrun(one, answered), outrun(other, answered), forgetful], { lease: "1h", nodeTimeout: "5s" });
  // So that each script is known, and a call of it is one command.
  await redlock.using(fresh(), (held) => held.extend());
  const held = await redlock.acquire(resource);
  await expect.poll(() => owners(resource, 3)).toEqual([held.owner, held.owner, held.owner]);
  await forgetful.send(["DEL", lease], { resend: "ok" });
  const extending = expect(held.extend()).rejects.toMatchObject({ code: "LOCK_LEASE_LOST", reason: "released" });
  expect(await held.release()).toBe("released");
  await extending;
  expect(await owners(resource, 3)).toEqual([null, null, null]);
});

test("a majority remembers the token, so every later majority knows of it", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { lease: "5s" });
  const resource = fresh();
  // An attempt that failed has left a token far ahead of the clock on one server.
  const ahead = BigInt(Date.now() + 60_000) * 1_000n;
  await ports[0]?.send(["SET", `lock:{${resource}}:fence`, String(ahead), "PX", "60000"], { resend: "ok" });
  servers[2]?.pause();
  const first = await redlock.acquire(resource);
  expect(first.token).toBe(ahead + 1n);
  await first.release();
  servers[2]?.resume();
  servers[0]?.pause();
  const second = await redlock.acquire(resource);
  expect(second.token).toBeGreaterThan(first.token);
  await second.release();
});

test("without fencing there is no token to rely on", async () => {
  const held = await new Redlock(ports.slice(0, 3), { fencing: false }).acquire(fresh());
  expect(held.token).toBe(0n);
  await held.release();
});

test("a lease that took longer to get than it lasts is not held", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { nodeTimeout: "1s", wait: 0 });
  await redlock.using(fresh(), () => {});
  const acquiring = redlock.acquire(fresh(), { lease: 40 });
  stall(60);
  await expect(acquiring).rejects.toMatchObject({ code: "LOCK_UNAVAILABLE" });
});

test("force takes it away on a majority, and the holder hears of it", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { lease: "1h", nodeTimeout: "5s" });
  const resource = fresh();
  expect(await redlock.forceRelease(resource)).toBe(false);
  const held = await redlock.acquire(resource);
  const fired = new Promise<unknown>((done) => held.signal.addEventListener("abort", () => done(held.signal.reason)));
  const listened = async (): Promise<readonly unknown[]> =>
    await Promise.all(ports.slice(0, 3).map((port) => port.send(["PUBSUB", "NUMSUB", "lock:revoked"], { resend: "ok" })));
  await expect.poll(listened).toEqual([1, 2, 3].map(() => ["lock:revoked", 1]));
  await expect.poll(() => owners(resource, 3)).toEqual([1, 2, 3].map(() => held.owner));
  expect(await redlock.forceRelease(resource)).toBe(true);
  expect(await fired).toMatchObject({ reason: "forced" });
  expect(await held.release()).toBe("lost");
});

test("who looks is told what a majority says, and what each server does", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { lease: "1h", nodeTimeout: "2s" });
  const resource = fresh();
  expect(await redlock.inspect(resource)).toMatchObject({ owner: undefined, remainingMs: 0, token: undefined });
  const held = await redlock.acquire(resource);
  await expect.poll(() => owners(resource, 3)).toEqual([held.owner, held.owner, held.owner]);
  const [one, other] = ports as [RedisPort, RedisPort];
  const lease = `lock:{${resource}}:lease`;
  // Two of three have it for ten minutes at least, and one of them for an hour.
  await one.send(["PEXPIRE", lease, "600000"], { resend: "ok" });
  await other.send(["PEXPIRE", lease, "60000"], { resend: "ok" });
  const { owner, remainingMs, token, nodes } = await redlock.inspect(resource);
  expect(owner).toBe(held.owner);
  // A server that was not needed for the majority may have minted one that is larger than the holder's.
  expect(token).toBeGreaterThanOrEqual(held.token);
  expect(Math.ceil(remainingMs / 60_000)).toBe(10);
  expect(nodes).toMatchObject([0, 1, 2].map((node) => ({ node, outcome: "read", owner: held.owner })));
  await other.send(["SET", lease, "a stranger", "PX", "60000"], { resend: "ok" });
  expect(await redlock.inspect(resource)).toMatchObject({ owner: held.owner, nodes: [{}, { owner: "a stranger" }, {}] });
  await one.send(["DEL", lease], { resend: "ok" });
  expect(await redlock.inspect(resource)).toMatchObject({ owner: undefined, remainingMs: 0, token });
  await held.release();
});

test("who looks while servers are away is told by those that answer, if they are a majority", async () => {
  const redlock = new Redlock(ports.slice(0, 3), { lease: "1h", nodeTimeout: "1s" });
  const resource = fresh();
  const held = await redlock.acquire(resource);
  await expect.poll(() => owners(resource, 3)).toEqual([held.owner, held.owner, held.owner]);
  servers[1]?.pause();
  const { owner, nodes } = await redlock.inspect(resource);
  expect([owner, nodes.map(({ outcome }) => outcome)]).toEqual([held.owner, ["read", "failed", "read"]]);
  servers[2]?.pause();
  await expect(redlock.inspect(resource)).rejects.toMatchObject({ code: "LOCK_UNAVAILABLE", nodes: [{ node: 1 }, { node: 2 }] });
  for (const server of servers) server.resume();
  await held.release();
});

test("several resources go together if they share a hash tag", async () => {
  const redlock = new Redlock(ports.slice(0, 3));
  const held = await redlock.acquire(["{order:7}:items", "{order:7}:total"]);
  expect(await redlock.tryAcquire("{order:7}:total")).toMatchObject({ granted: false });
  await held.release();
  await expect(redlock.acquire(["a", "b"])).rejects.toMatchObject({ code: "INPUT_INVALID" });
});

test("one server under two names is refused, and so are less than three", async () => {
  const again = await connect(servers[0]?.url ?? "");
  expect(() => new Redlock(ports.slice(0, 2))).toThrow("at least three");
  expect(() => new Redlock([ports[0], ports[0], ports[1]] as RedisPort[])).toThrow("different servers");
  const redlock = new Redlock([ports[0], again, ports[1]] as RedisPort[]);
  await expect(redlock.acquire(fresh())).rejects.toThrow("Servers 0 and 1 of this Redlock are the same one");
  await again.close();
});

test("no key is left that does not expire", async () => {
  for (const port of ports) expect(await keysWithoutTtl(port)).toEqual([]);
});
