import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { altered, gate, keysWithoutTtl, next } from "./fixtures/index.ts";
import { HybridCache, type HybridCacheOptions } from "./index.ts";
import { write } from "./scripts.gen.ts";

let server: RedisServer;
let ports: RedisPort[];
let prefix: string;
let open: HybridCache[];

beforeAll(async () => {
  server = await startRedis();
  ports = await Promise.all(Array.from({ length: 4 }, () => connect(server.url)));
});
afterAll(async () => {
  await Promise.all((ports ?? []).map((port) => port.close()));
  await server?.stop();
});
beforeEach(() => {
  prefix = `c-${randomUUID()}`;
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((cache) => cache.stop()));
  expect(await keysWithoutTtl(ports[0] as RedisPort)).toEqual([]);
});

/** A cache on a connection of its own, as another process has. */
function make(index: number, options: HybridCacheOptions = {}): Promise<HybridCache> {
  return makeOn(ports[index] as RedisPort, options);
}

async function makeOn(port: RedisPort, options: HybridCacheOptions = {}): Promise<HybridCache> {
  const cache = new HybridCache(port, { prefix, ...options });
  open.push(cache);
  await cache.start();
  return cache;
}

const lease = (key: string): Promise<unknown> =>
  (ports[0] as RedisPort).send(["GET", `${prefix}:{${key}}:lease`], { resend: "ok" });

test("four caches with 50 callers each run a slow factory once", async () => {
  const caches = await Promise.all([0, 1, 2, 3].map((index) => make(index)));
  const { passed, open: go } = gate<string>();
  let runs = 0;
  const slow = (): Promise<string> => {
    runs++;
    return passed;
  };
  const callers = caches.flatMap((cache) => Array.from({ length: 50 }, () => cache.getOrSet("a", slow)));
  // Somebody waits: the leader will publish.
  await expect.poll(() => lease("a")).toMatch(/w$/);
  go("once");
  expect(new Set(await Promise.all(callers))).toEqual(new Set(["once"]));
  expect(runs).toBe(1);
  expect(await lease("a")).toBe(null);
});

test("two processes run a slow factory once", async () => {
  const start = (): { ask(line: string): Promise<string>; heard(): Promise<string>; end(): Promise<void> } => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "fixtures", "racer.mjs"), server.url, prefix], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const heard = async (): Promise<string> => {
      const { done, value } = await lines.next();
      if (done) throw new Error("The other process ended. It needs the built package: npm run build");
      return value;
    };
    const ask = (line: string): Promise<string> => {
      child.stdin.write(`${line}\n`);
      return heard();
    };
    const end = async (): Promise<void> => {
      child.stdin.end();
      await gone;
    };
    return { ask, heard, end };
  };
  const children = [start(), start()];
  expect(await Promise.all(children.map((child) => child.heard()))).toEqual(["ready", "ready"]);
  const [one, other] = await Promise.all(children.map((child) => child.ask("slow")));
  expect(one).toBe(other);
  const runs = `${prefix}:runs`;
  expect(await (ports[0] as RedisPort).send(["GETDEL", runs], { resend: "ok" })).toBe("1");
  await Promise.all(children.map((child) => child.end()));
});

test("an invalidation beats a computation that began before it: in Redis, in memory, and for who asks after it", async () => {
  for (const end of ["remove", "expire", "set", "tag", "clear"] as const) {
    const [leader, other] = [await make(0), await make(1)];
    const { passed, open: go } = gate<string>();
    const began = leader.getOrSet(end, () => passed, { tags: ["t"] });
    await expect.poll(() => lease(end)).not.toBe(null);
    const heard = next(leader, "invalidated");
    if (end === "remove" || end === "expire") await other[end](end);
    if (end === "set") await other.set(end, "new");
    if (end === "tag") await other.invalidateTag("t");
    if (end === "clear") await other.clear();
    await heard;
    go("old");
    // Who asked before may have it; who asks now may not.
    expect(await began).toBe("old");
    for (const cache of [leader, other]) expect([end, await cache.getOrSet(end, () => "new")]).toEqual([end, "new"]);
  }
});

test("who asks after an invalidation does not join a computation that began before it", async () => {
  const cache = await make(0);
  const { passed, open: go } = gate<string>();
  const before = cache.getOrSet("a", () => passed);
  await expect.poll(() => lease("a")).not.toBe(null);
  await cache.remove("a");
  expect(await cache.getOrSet("a", () => "new")).toBe("new");
  go("old");
  expect(await before).toBe("old");
  expect(await cache.get("a")).toBe("new");
  expect(cache.stats().factory.lost).toBe(1);
});

test("without memory, who asks after a removal elsewhere does not get what began before it, and all who do are one run", async () => {
  const port = ports[0] as RedisPort;
  // The message is late, as on a network.
  const deaf = altered(port, { subscribe: async () => async () => {} });
  const [reader, other] = [await makeOn(deaf, { memory: false }), await make(1)];
  for (const removed of [true, false]) {
    const key = `removed-${removed}`;
    const { passed, open: go } = gate<string>();
    const before = reader.getOrSet(key, () => passed);
    await expect.poll(() => lease(key)).not.toBe(null);
    if (removed) await other.remove(key);
    let runs = 0;
    const load = async (): Promise<string> => `new ${++runs}`;
    const after = Array.from({ length: 50 }, () => reader.getOrSet(key, load));
    go("old");
    expect(await before).toBe("old");
    expect(new Set(await Promise.all(after))).toEqual(new Set([removed ? "new 1" : "old"]));
    expect(runs).toBe(removed ? 1 : 0);
  }
});

test("without memory, 50 callers compute no more often for want of the lead", async () => {
  const port = ports[0] as RedisPort;
  const cache = await make(0, { memory: false, wait: 20 });
  const callers = async (key: string): Promise<number> => {
    let runs = 0;
    const load = async (): Promise<number> => ++runs;
    await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet(key, load)));
    return runs;
  };
  await port.send(["SET", `${prefix}:{a}:lease`, "other.", "PX", "60000"], { resend: "ok" });
  // The first caller's, and one for all who came after it.
  expect(await callers("a")).toBe(2);
  await port.send(["RPUSH", `${prefix}:{b}`, "cannot be read"], { resend: "ok" });
  expect(await callers("b")).toBe(1);
  await port.send(["DEL", `${prefix}:{b}`], { resend: "ok" });
});

test("a value that was read before an invalidation does not reach memory after it", async () => {
  const [reader, other] = [await make(0, { codec: slowCodec() }), await make(1)];
  await other.set("a", "old");
  const { decoding, go } = slow;
  const reading = reader.get("a");
  await decoding.passed;
  const heard = next(reader, "invalidated");
  await other.set("a", "new");
  await heard;
  go.open();
  expect(await reading).toBe("old");
  expect(await reader.get("a")).toBe("new");
});

test("a value that was stored here before it was changed elsewhere does not reach memory after that", async () => {
  const port = ports[0] as RedisPort;
  const [written, go] = [gate(), gate()];
  // The reply is held up, as a network does.
  const late = altered(port, {
    send: async (command, options) => {
      const reply = await port.send(command, options);
      if (command[1] !== write.sha) return reply;
      written.open();
      await go.passed;
      return reply;
    },
  });
  const other = await make(1);
  // Once, so that the script is loaded.
  await other.set("a", "first");
  const cache = await makeOn(late);
  const storing = cache.set("a", "second");
  await written.passed;
  const heard = next(cache, "invalidated", ({ from }) => from === "elsewhere");
  await other.set("a", "third");
  await heard;
  go.open();
  await storing;
  expect(await cache.get("a")).toBe("third");
});

test("what nobody told is noticed when the window is over: after a fill, and after a reading", async () => {
  const caches = [await make(0, { memory: { ttl: 80 } }), await make(1, { memory: { ttl: 80 } })];
  for (const cache of caches) await cache.getOrSet("a", () => 1);
  await (caches[0] as HybridCache).set("b", 2);
  await (ports[0] as RedisPort).send(["DEL", `${prefix}:{a}`], { resend: "ok" });
  for (const cache of caches) {
    // Another key keeps what is known of the whole cache up to date, so that only the age of this value counts.
    const look = async (): Promise<unknown> => [await cache.get("b"), await cache.lookup("a")];
    await expect.poll(look).toEqual([2, { outcome: "miss" }]);
  }
  expect(caches.map((cache) => cache.stats().factory.runs)).toEqual([1, 0]);
});

/** A codec whose first decoding waits until it is let go. */
let slow: { readonly decoding: ReturnType<typeof gate<void>>; readonly go: ReturnType<typeof gate<void>> };
function slowCodec(): { encode(value: unknown): string; decode(stored: Uint8Array): unknown } {
  slow = { decoding: gate(), go: gate() };
  return {
    encode: (value) => JSON.stringify(value),
    decode: async (stored) => {
      slow.decoding.open();
      await slow.go.passed;
      return JSON.parse(Buffer.from(stored).toString());
    },
  };
}

test("while one process computes, another is served the stale value at once", async () => {
  const [leader, other] = [await make(0, { failSafe: "1h" }), await make(1, { failSafe: "1h" })];
  await leader.set("a", "old");
  await leader.expire("a");
  const { passed, open: go } = gate<string>();
  const computing = leader.getOrSet("a", () => passed);
  await expect.poll(() => lease("a")).not.toBe(null);
  expect(await other.getOrSet("a", () => "never")).toBe("old");
  go("new");
  expect(await computing).toBe("new");
  expect(await other.getOrSet("a", () => "never")).toBe("new");
});

test("a process that died while it computed holds others up for as long as its lease", async () => {
  const other = await make(1, { lease: 200 });
  await (ports[0] as RedisPort).send(["SET", `${prefix}:{a}:lease`, "dead.", "PX", "150"], { resend: "ok" });
  const startedAt = performance.now();
  expect(await other.getOrSet("a", () => "alive")).toBe("alive");
  expect(performance.now() - startedAt).toBeGreaterThan(100);
  expect(other.stats().factory.waited).toBe(1);
});

test("a slow factory keeps its lease", async () => {
  const [leader, other] = [await make(0, { lease: 400 }), await make(1, { lease: 400 })];
  const { passed, open: go } = gate<string>();
  const computing = leader.getOrSet("a", () => passed);
  await expect.poll(() => lease("a")).not.toBe(null);
  // waits: for longer than a lease that nobody renews
  setTimeout(() => go("slow"), 1_200);
  expect(await other.getOrSet("a", () => "fast")).toBe("slow");
  expect(await computing).toBe("slow");
});

test("who has waited for as long as it will computes the value itself, and leaves the leader's alone", async () => {
  const [leader, other] = [await make(0), await make(1, { wait: 50 })];
  const { passed, open: go } = gate<string>();
  const computing = leader.getOrSet("a", () => passed);
  await expect.poll(() => lease("a")).not.toBe(null);
  expect(await other.getOrSet("a", () => "own")).toBe("own");
  go("leader's");
  expect(await computing).toBe("leader's");
  expect(await leader.get("a")).toBe("leader's");
});

test("a value that was computed without the lead ends with its tag, also while it is computed", async () => {
  const port = ports[0] as RedisPort;
  const [cache, other] = [await make(0, { wait: 20 }), await make(1)];
  for (const [key, ...obstacle] of [
    ["another-leads", "SET", `${prefix}:{another-leads}:lease`, "other.", "PX", "60000"],
    ["not-to-be-read", "RPUSH", `${prefix}:{not-to-be-read}`, "no entry"],
  ] as const) {
    await port.send(obstacle, { resend: "ok" });
    const invalidate = async (): Promise<void> => {
      const heard = next(cache, "invalidated");
      await other.invalidateTag("t");
      await heard;
    };
    const load = async (): Promise<string> => {
      await invalidate();
      return "while";
    };
    expect(await cache.getOrSet(key, load, { tags: ["t"] })).toBe("while");
    expect(await cache.lookup(key)).toEqual({ outcome: "miss" });
    expect(await cache.getOrSet(key, () => "before", { tags: ["t"] })).toBe("before");
    expect(await cache.lookup(key)).toEqual({ outcome: "hit", value: "before", tier: "memory" });
    await invalidate();
    expect(await cache.lookup(key)).toEqual({ outcome: "miss" });
    await port.send(["DEL", `${prefix}:{${key}}`], { resend: "ok" });
  }
});

test("nobody reads a value that is older than an acknowledged change, once the window is over", { timeout: 20_000 }, async () => {
  const windowMs = 60;
  const keys = ["a", "b", "c"];
  const caches = await Promise.all([0, 1, 2].map((index) => make(index, { memory: { ttl: windowMs }, ttl: "1m" })));
  /** The source: its value, and when it was last known to everybody. */
  const source = new Map(keys.map((key) => [key, 0]));
  const told = new Map(keys.map((key) => [key, [{ version: 0, at: 0 }]]));
  const random = mulberry32(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let old = 0;
  let changes = 0;
  const change = async (): Promise<void> => {
    const key = pick(keys);
    const version = (source.get(key) ?? 0) + 1;
    source.set(key, version);
    const cache = pick(caches);
    const how = pick(["remove", "tag", "expire", "clear"] as const);
    if (how === "tag") await cache.invalidateTag(`t-${key}`);
    else if (how === "clear") await cache.clear();
    else await cache[how](key);
    told.get(key)?.push({ version, at: performance.now() });
    changes++;
  };
  const read = async (): Promise<void> => {
    const key = pick(keys);
    const startedAt = performance.now();
    const load = async ({ ttl }: { ttl(ms: number): void }): Promise<number> => {
      const version = source.get(key) as number;
      ttl(50 + Math.floor(random() * 1_000));
      await new Promise(setImmediate);
      return version;
    };
    const got = await pick(caches).getOrSet(key, load, { tags: [`t-${key}`] });
    const least = told.get(key)?.findLast(({ at }) => at + windowMs < startedAt)?.version ?? 0;
    const now = told.get(key)?.findLast(({ at }) => at < startedAt)?.version ?? 0;
    if (got < now) old++;
    expect(got).toBeGreaterThanOrEqual(least);
  };
  const until = performance.now() + 2_000;
  // On a busy machine that takes longer.
  const lasts = (): boolean => performance.now() < until || changes < 50 || hits() < 200;
  const hits = (): number => caches.reduce((sum, cache) => sum + cache.stats().memory.hits + cache.stats().redis.hits, 0);
  const runReader = async (): Promise<void> => {
    while (lasts()) await read();
  };
  const runWriter = async (): Promise<void> => {
    while (lasts()) {
      await change();
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    }
  };
  await Promise.all([...Array.from({ length: 8 }, runReader), runWriter(), runWriter()]);
  // Within the window a message is all that stands between; nearly every reading is newer than the window asks.
  expect(old).toBeLessThan(hits() / 20);
});

/** A small generator of random numbers, so that a failing run can be run again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
