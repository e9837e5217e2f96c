import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { calls, clients, defineLoosely, type Loose, open, refusal, witness } from "./fixtures/index.ts";
import { call, defineScript, runBatch, type Script, type Writes } from "./index.ts";

const push = defineScript({
  name: "list.push",
  keys: { list: "list" },
  args: { item: "string" },
  reply: "integer",
  writes: "once",
  lua: `return redis.call("RPUSH", KEYS[1], ARGV[1])`,
});

const read = defineScript({
  name: "list.read",
  keys: { list: "list" },
  args: {},
  reply: { array: "bytes" },
  writes: "none",
  lua: `return redis.call("LRANGE", KEYS[1], 0, 99)`,
});

function failing(lua: string, writes: Writes = "once"): Script<Loose> {
  return defineLoosely({ name: "test.fails", keys: { list: "list" }, args: {}, reply: "integer", writes, lua });
}

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe.each(clients)("a batch over %s", (client) => {
  let redis: RedisPort;

  beforeEach(async () => {
    const look = witness(server);
    await look.flushall();
    await look.script("FLUSH");
    redis = await connect(server.url, { client });
    await look.config("RESETSTAT");
    return () => redis.close();
  });

  const list = { list: "l" };

  test("keeps its order, answers each call in its place, and loads each script once, ahead of all", async () => {
    const items = Array.from({ length: 100 }, (_, index) => `item ${index}`);
    const outcomes = await runBatch(redis, [...items.map((item) => call(push, list, { item })), call(read, list, {})]);
    expect(outcomes.slice(0, -1)).toEqual(items.map((_, index) => ({ ok: true, value: index + 1 })));
    expect(outcomes.at(-1)).toEqual({ ok: true, value: items.map((item) => Buffer.from(item)) });
    expect(await calls(witness(server))).toEqual({ "script|load": 2, evalsha: 101, rpush: 100, lrange: 1 });
    await witness(server).config("RESETSTAT");
    await runBatch(redis, [call(read, list, {})]);
    expect(await calls(witness(server))).toEqual({ evalsha: 1, lrange: 1 });
  });

  test("a call that fails says so in its place, and those after it are made", async () => {
    const outcomes = await runBatch(redis, [
      call(push, list, { item: "a" }),
      call(failing(`return redis.error_reply("LIST_FULL no more")`), list, {}),
      call(failing("return 'many'", "none"), list, {}),
      call(failing("return redis.call('GET', KEYS[1])"), list, {}),
      call(push, list, { item: "b" }),
    ]);
    expect(outcomes).toMatchObject([
      { ok: true, value: 1 },
      { ok: false, error: { name: "ScriptError", code: "LIST_FULL", script: "test.fails", applied: "maybe" } },
      { ok: false, error: { code: "SCRIPT_REPLY", applied: "no" } },
      { ok: false, error: { code: "WRONGTYPE", line: 1, applied: "maybe" } },
      { ok: true, value: 2 },
    ]);
  });

  test("a script that does not compile says so in each of its places; the others run", async () => {
    const broken = failing("return 1 +");
    const outcomes = await runBatch(redis, [call(broken, list, {}), call(push, list, { item: "a" }), call(broken, list, {})]);
    for (const outcome of [outcomes[0], outcomes[2]]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "ERR", line: 1, applied: "no" } });
      expect(!outcome.ok && outcome.error.message).toMatch(/Error compiling script/);
    }
    expect(outcomes[1]).toEqual({ ok: true, value: 1 });
  });

  test("when the server has forgotten its scripts, every call fails and none is sent out of order; the next batch loads them", async () => {
    const look = witness(server);
    await runBatch(redis, [call(push, list, { item: "a" })]);
    await look.script("FLUSH");
    await look.config("RESETSTAT");
    const outcomes = await runBatch(redis, [call(push, list, { item: "b" }), call(push, list, { item: "c" })]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, error: { code: "NOSCRIPT", applied: "no" } });
    expect(await calls(look)).toEqual({ evalsha: 2 });
    expect(await runBatch(redis, [call(push, list, { item: "b" }), call(push, list, { item: "c" })])).toEqual([
      { ok: true, value: 2 },
      { ok: true, value: 3 },
    ]);
    expect(await look.lrange("l", 0, -1)).toEqual(["a", "b", "c"]);
  });

  test("of scripts that the server knows in part, those it knows run", async () => {
    const look = witness(server);
    const add = failing(`return redis.call("RPUSH", KEYS[1], "x")`);
    await runBatch(redis, [call(push, list, { item: "a" }), call(add, list, {})]);
    await look.script("FLUSH");
    await look.script("LOAD", push.lua);
    const outcomes = await runBatch(redis, [call(add, list, {}), call(push, list, { item: "b" })]);
    expect(outcomes).toMatchObject([
      { ok: false, error: { code: "NOSCRIPT" } },
      { ok: true, value: 3 },
    ]);
  });

  test("is refused as a whole before anything is sent, if one call does not fit or its key is in another slot", async () => {
    const good = call(push, list, { item: "a" });
    const attempts = [
      runBatch(redis, [good, call(push, list, { item: 7 as never })]),
      runBatch(redis, [good, call(push, { list: "elsewhere" }, { item: "b" })]),
      runBatch(redis, [good], { timout: 1 } as never),
    ];
    const codes = await Promise.all(attempts.map(async (attempt) => ((await refusal(attempt)) as { code: string }).code));
    expect(codes).toEqual(["INPUT_INVALID", "SCRIPT_KEYS", "OPTION_UNKNOWN"]);
    expect(await calls(witness(server))).toEqual({});
  });

  test("of no calls sends nothing", async () => {
    expect(await runBatch(redis, [])).toEqual([]);
    expect(await calls(witness(server))).toEqual({});
  });

  test("ends at its timeout and at its signal, each call for itself", async () => {
    const slow = failing("for i = 1, 2e7 do local x = i end return 1");
    const late = await runBatch(redis, [call(slow, list, {}), call(push, list, { item: "a" })], { timeout: 20 });
    expect(late).toMatchObject([
      { ok: false, error: { code: "CLIENT_TIMEOUT", applied: "maybe" } },
      { ok: false, error: { code: "CLIENT_TIMEOUT", applied: "maybe" } },
    ]);
    expect(await witness(server).lrange("l", 0, -1)).toEqual(["a"]);
    const signal = AbortSignal.abort();
    const tried = runBatch(redis, [call(push, list, { item: "b" })], { signal });
    expect(await refusal(tried)).toMatchObject({ code: "CLIENT_ABORTED", script: "batch", applied: "no" });
  });

  test("is refused as a whole after its port is closed", async () => {
    await redis.close();
    const tried = runBatch(redis, [call(push, list, { item: "a" })]);
    expect(await refusal(tried)).toMatchObject({ code: "CLIENT_CLOSED", script: "batch", applied: "no" });
  });

  test("the prefix of the connection is put before its keys", async () => {
    const shop = await open(server.url, { client, prefix: "shop" });
    await runBatch(shop, [call(push, list, { item: "a" })]);
    expect(await witness(server).lrange("shop:l", 0, -1)).toEqual(["a"]);
  });
});
