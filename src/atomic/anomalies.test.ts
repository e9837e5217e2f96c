import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { ScriptError, type UntypedScript } from "../script/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { refusal, stateOf } from "./fixtures/index.ts";
import {
  appendToLimitedList,
  Counter,
  compareAndDelete,
  compareAndSwap,
  getAndExtendExpiration,
  getVersioned,
  incrementWithExpiration,
  Leaderboard,
  Session,
  setIfExists,
  setIfNotExists,
  setMultiple,
  trySetMultiple,
} from "./index.ts";
import * as generated from "./scripts.gen.ts";

const noon = 1_700_000_000_000;
const now = (): number => noon;
const scripts = Object.values(generated) as readonly UntypedScript[];

const counter = (redis: RedisPort): Counter => new Counter(redis, { name: "c", after: "1h", now });
const board = (redis: RedisPort): Leaderboard => new Leaderboard(redis, { name: "b", ranking: "dense", max: 2 });
const sessions = (redis: RedisPort): Session => new Session(redis, { now, touchEvery: 0 });
const ttl = "1h";

/** Id of the session that a call is about. */
let id: string;

interface Case {
  readonly before?: (redis: RedisPort) => Promise<unknown>;
  readonly call: (redis: RedisPort) => Promise<unknown>;
  /** What a caller finds who calls again, if it writes once. */
  readonly again?: unknown;
}

const begin = async (redis: RedisPort): Promise<void> => {
  ({ id } = await sessions(redis).create({ user: "ada", data: { a: 1 } }));
};

/** A call of each script that writes. */
const cases: Readonly<Record<string, Case>> = {
  "read-and-extend": {
    before: (redis) => setIfNotExists(redis, "k", "v", { ttl: "1m" }),
    call: (redis) => getAndExtendExpiration(redis, "k", { ttl }),
  },
  "set-absent": { call: (redis) => setIfNotExists(redis, "k", "v", { ttl }), again: { set: false, current: "v" } },
  "set-present": {
    before: (redis) => setIfNotExists(redis, "k", "v", { ttl }),
    call: (redis) => setIfExists(redis, "k", "w"),
    again: { set: true, previous: "w" },
  },
  swap: {
    call: (redis) => compareAndSwap(redis, "k", { expect: null, value: "v", ttl }),
    again: { swapped: false, current: "v" },
  },
  "swap-version": {
    call: (redis) => compareAndSwap(redis, "k", { version: null, value: "v", ttl }),
    again: { swapped: false, current: "v" },
  },
  "delete-equal": {
    before: (redis) => setIfNotExists(redis, "k", "v", { ttl }),
    call: (redis) => compareAndDelete(redis, "k", { expect: "v" }),
    again: { deleted: false, current: null },
  },
  "delete-version": {
    before: (redis) => compareAndSwap(redis, "k", { version: null, value: "v", ttl }),
    call: async (redis) => compareAndDelete(redis, "k", { version: (await getVersioned(redis, "k"))?.version ?? 1 }),
    again: { deleted: false, current: null, version: null },
  },
  increment: { call: (redis) => incrementWithExpiration(redis, "k", { ttl, by: 3 }), again: { value: 6n, added: 3n } },
  "set-many": {
    call: (redis) => setMultiple(redis, [{ key: "k", value: "v", only: "new" }], { ttl, atomic: true }),
    again: [false],
  },
  append: {
    call: (redis) => appendToLimitedList(redis, "k", ["a", "b", "c"], { ttl, max: 2 }),
    again: { appended: true, length: 2, dropped: 3 },
  },
  count: { call: (redis) => counter(redis).increment("x"), again: { value: 2n, began: false } },
  "reset-count": { before: (redis) => counter(redis).increment("x"), call: (redis) => counter(redis).reset("x"), again: 0n },
  record: {
    before: (redis) => board(redis).addMany([{ id: "a", score: 1 }]),
    call: (redis) => board(redis).increment("b", 2, { metadata: "m" }),
    again: { rank: 1, score: 4, previous: 2, changed: true },
  },
  "remove-members": { before: (redis) => board(redis).add("a", 1), call: (redis) => board(redis).remove(["a", "b"]), again: 0 },
  "describe-member": { before: (redis) => board(redis).add("a", 1), call: (redis) => board(redis).describe("a", "m") },
  "clear-board": { before: (redis) => board(redis).add("a", 1), call: (redis) => board(redis).clear(), again: false },
  "create-session": { call: begin },
  "get-session": { before: begin, call: (redis) => sessions(redis).get(id) },
  "update-session": {
    before: begin,
    call: (redis) => sessions(redis).update(id, { a: 2 }),
    again: { updated: true, session: { version: 3, data: { a: 2 } } },
  },
  "destroy-session": { before: begin, call: (redis) => sessions(redis).destroy(id) },
  "destroy-sessions": { before: begin, call: (redis) => sessions(redis).destroyAll("ada"), again: 0 },
  "rotate-session": { before: begin, call: (redis) => sessions(redis).rotate(id) },
};

let server: RedisServer;
let proxy: FaultProxy;
let redis: RedisPort;
let proxied: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
  [redis, proxied] = await Promise.all([connect(server.url), connect(proxy.url)]);
});
afterAll(async () => {
  await Promise.all([redis.close(), proxied.close(), proxy.close()]);
  await server.stop();
});

/** Ids and versions differ from run to run, and so does how a reply with them reads. */
const faceless = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each))
    .replaceAll(id, "<old>")
    .replaceAll(/\w+\.[\w-]{32}/g, "<new>")
    .replaceAll(/\b1[67]\d{14}\b/g, "<version>");

/** All that Redis holds, in an order that ids do not decide. */
async function faces(from: RedisPort): Promise<string> {
  return (await stateOf(from)).map(faceless).sort().join("\n");
}

async function play(port: RedisPort, { before, call }: Case, disturb?: () => void): Promise<readonly [string, string]> {
  id = "none";
  await redis.broadcast(["FLUSHALL"], { resend: "ok" });
  await before?.(redis);
  // A script that is not known would be refused, and loaded by the next call: that is another test.
  for (const { lua } of scripts) await redis.send(["SCRIPT", "LOAD", lua], { resend: "ok" });
  disturb?.();
  const reply = await call(port).catch((error: unknown) => error);
  if (reply instanceof ScriptError) return [`${reply.code} ${reply.applied}`, await faces(redis)];
  return [faceless(reply ?? null), await faces(redis)];
}

test("there is a case for each script that writes", () => {
  const writing = scripts.filter(({ schema }) => schema.writes !== "none").map(({ name }) => name.replace("atomic.", ""));
  expect(Object.keys(cases).sort()).toEqual(writing.sort());
});

describe.each(Object.entries(cases))("%s, whose reply is lost,", (name, each) => {
  const script = scripts.find((one) => one.name === `atomic.${name}`) as UntypedScript;

  test("is applied once, and its caller is told as much as can be known", async () => {
    const [reply, state] = await play(proxied, each);
    const lost = { done: undefined as Promise<void> | undefined };
    const [replyAgain, stateAgain] = await play(proxied, each, () => {
      lost.done = proxy.dropNextReply({ of: (words) => words[1] === script.sha });
    });
    await lost.done;
    expect(stateAgain).toBe(state);
    expect(replyAgain).toBe(script.schema.writes === "once" ? "CLIENT_DISCONNECTED maybe" : reply);
    if (script.schema.writes === "once") expect({ reply: await each.call(redis) }).toMatchObject({ reply: each.again });
  });
});

test("a set of many whose reply is lost is sent again only if that does no harm", async () => {
  await redis.broadcast(["FLUSHALL"], { resend: "ok" });
  const lost = proxy.dropNextReply({ of: "SET" });
  expect(await setMultiple(proxied, [{ key: "a", value: "1" }], { ttl })).toEqual([true]);
  await lost;
  const lostAgain = proxy.dropNextReply({ of: "SET" });
  const [outcome] = await trySetMultiple(proxied, [{ key: "b", value: "1", only: "new" }], { ttl });
  await lostAgain;
  expect(outcome).toMatchObject({ ok: false, key: "b", error: { code: "CLIENT_DISCONNECTED", applied: "maybe" } });
});

describe("when Redis is not what it was", () => {
  test("scripts that were forgotten in the middle of it are loaded again, and nothing is counted twice", async () => {
    await redis.broadcast(["FLUSHALL"], { resend: "ok" });
    const rounds = Array.from({ length: 50 }, async (_, index) => {
      if (index % 10 === 0) await redis.broadcast(["SCRIPT", "FLUSH"], { resend: "ok" });
      await counter(redis).increment("x");
      await board(redis).increment("m");
    });
    await Promise.all(rounds);
    expect((await counter(redis).get("x"))?.value).toBe(50n);
    expect((await board(redis).get("m"))?.score).toBe(50);
  });

  test("connections that break lose no increment that was confirmed, and apply none twice", async () => {
    await redis.broadcast(["FLUSHALL"], { resend: "ok" });
    let [confirmed, unknown] = [0, 0];
    for (let wave = 0; wave < 5; wave++) {
      const calls = Array.from({ length: 40 }, () => counter(proxied).increment("x"));
      if (wave % 2 === 0) proxy.reset();
      for (const result of await Promise.allSettled(calls)) {
        if (result.status === "fulfilled") confirmed++;
        else if ((result.reason as ScriptError).applied === "maybe") unknown++;
      }
    }
    const { value } = (await counter(redis).get("x")) ?? { value: 0n };
    expect(confirmed).toBeGreaterThan(0);
    expect(Number(value)).toBeGreaterThanOrEqual(confirmed);
    expect(Number(value)).toBeLessThanOrEqual(confirmed + unknown);
  });

  test("a Redis that is away refuses within the deadline and changes nothing; one that comes back, empty, is written to again", async () => {
    await using other = await startRedis();
    const port = await connect(other.url, { timeout: 200 });
    try {
      const live = sessions(port);
      const { id: lost } = await live.create({ user: "ada" });
      await other.kill();
      expect(await refusal(live.update(lost, { a: 1 }))).toMatchObject({
        code: expect.stringMatching(/^CLIENT_(UNAVAILABLE|DISCONNECTED)$/),
      });
      expect(await refusal(incrementWithExpiration(port, "n", { ttl }))).toMatchObject({
        code: "CLIENT_UNAVAILABLE",
        applied: "no",
      });
      await other.restart();
      await expect.poll(() => live.get(lost).catch(() => "away"), { interval: 10, timeout: 5_000 }).toBeNull();
      expect(await live.update(lost, { a: 1 })).toEqual({ updated: false, reason: "ended" });
      expect(await incrementWithExpiration(port, "n", { ttl })).toMatchObject({ value: 1n });
    } finally {
      await port.close();
    }
  });
});
