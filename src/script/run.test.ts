import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { calls, clients, defineLoosely, type Loose, open, refusal, witness } from "./fixtures/index.ts";
import {
  call,
  defineScript,
  prepare,
  run,
  runBatch,
  type Script,
  ScriptError,
  type ScriptEvent,
  tryRun,
  type Writes,
} from "./index.ts";

const swap = defineScript({
  name: "stock.swap",
  keys: { stock: "string" },
  args: { expect: "string", value: "string" },
  reply: { outcomes: { swapped: {}, differs: { current: { nullable: "string" } } } },
  writes: "once",
  lua: `
    local current = redis.call("GET", KEYS[1])
    if current ~= ARGV[1] then return { "differs", current } end
    redis.call("SET", KEYS[1], ARGV[2])
    return { "swapped" }`,
});

/** A script of one key and no arguments. */
function script(writes: Writes, lua: string): Script<Loose> {
  return defineLoosely({ name: "test.one", keys: { key: "any" }, args: {}, reply: "integer", writes, lua });
}

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe.each(clients)("over %s", (client) => {
  let redis: RedisPort;

  beforeAll(async () => {
    redis = await connect(server.url, { client });
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    const look = witness(server);
    await look.flushall();
    await look.script("FLUSH");
    await look.config("RESETSTAT");
  });

  test("a script is a function: keys and arguments by name, its outcome told by a word", async () => {
    const look = witness(server);
    await look.set("stock:1", "100");
    const keys = { stock: "stock:1" };
    expect(await run(redis, swap, keys, { expect: "100", value: "99" })).toEqual({ outcome: "swapped" });
    expect(await run(redis, swap, keys, { expect: "100", value: "98" })).toEqual({ outcome: "differs", current: "99" });
    expect(await run(redis, swap, { stock: "none" }, { expect: "1", value: "2" })).toEqual({ outcome: "differs", current: null });
  });

  test("it is called by its SHA and by nothing else, once the server has it", async () => {
    const look = witness(server);
    const counting = script("once", `return redis.call("INCR", KEYS[1])`);
    await run(redis, counting, { key: "n" }, {});
    await look.config("RESETSTAT");
    const counts = await Promise.all(Array.from({ length: 50 }, () => run(redis, counting, { key: "n" }, {})));
    expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
    expect(await calls(look)).toEqual({ evalsha: 50, incr: 50 });
  });

  test("what the server does not know is loaded and called again, once", async () => {
    const look = witness(server);
    expect(await run(redis, script("once", `return redis.call("INCR", KEYS[1])`), { key: "n" }, {})).toBe(1);
    expect(await calls(look)).toEqual({ evalsha: 2, "script|load": 1, incr: 1 });
    await look.script("FLUSH");
    await look.config("RESETSTAT");
    expect(await run(redis, script("once", `return redis.call("INCR", KEYS[1])`), { key: "n" }, {})).toBe(2);
    expect(await calls(look)).toEqual({ evalsha: 2, "script|load": 1, incr: 1 });
  });

  test.each([
    "NOSCRIPT not the server's",
    "LOCK_LOST by another",
    "MOVED 1 127.0.0.1:1",
    "ERR unknown command 'EVALSHA'",
    "TRYAGAIN later",
    "LOADING soon",
    "CLUSTERDOWN now",
    "READONLY you",
  ])("a script that answers the error %j has run once", async (message) => {
    const look = witness(server);
    for (const writes of ["once", "none"] as const) {
      const lua = `${writes === "once" ? 'redis.call("INCR", KEYS[1])' : ""} return redis.error_reply("${message}")`;
      const failing = script(writes, lua);
      await look.script("LOAD", lua);
      await look.config("RESETSTAT");
      const error = await refusal(run(redis, failing, { key: "runs" }, {}));
      expect(error).toBeInstanceOf(ScriptError);
      expect(error).toMatchObject({ code: message.split(" ")[0], script: "test.one" });
      expect(await calls(look)).toEqual(writes === "once" ? { evalsha: 1, incr: 1 } : { evalsha_ro: 1 });
    }
    expect(await look.get("runs")).toBe("1");
  });

  test("an error that a script answers arrives as its first word, with its text", async () => {
    const failing = script("once", `return redis.error_reply("LOCK_LOST the token is 7")`);
    const error = await refusal(run(redis, failing, { key: "a" }, {}));
    expect(error).toMatchObject({
      name: "ScriptError",
      code: "LOCK_LOST",
      script: "test.one",
      line: undefined,
      applied: "maybe",
      message: "Script test.one: LOCK_LOST the token is 7",
      cause: { code: "CLIENT_REPLY" },
    });
  });

  test("an error while it runs names the line, and says that what came before it may stay", async () => {
    const look = witness(server);
    const failing = script("once", `redis.call("SET", KEYS[1], "x")\n\nreturn redis.call("HGET", KEYS[1], "f")`);
    const error = await refusal(run(redis, failing, { key: "half" }, {}));
    expect(error).toMatchObject({ code: "WRONGTYPE", line: 3, applied: "maybe" });
    expect((error as Error).message).toMatch(/^Script test\.one:3: WRONGTYPE /);
    expect(await look.get("half")).toBe("x");
    const own = script("once", `local a = nil\nreturn a.b`);
    expect(await refusal(run(redis, own, { key: "a" }, {}))).toMatchObject({ code: "ERR", line: 2, applied: "maybe" });
  });

  test.each([
    ["WRONGTYPE", "HGET", `redis.pcall("HGET", KEYS[1], "f")`],
    ["ERR", "INCR", `redis.pcall("INCR", KEYS[1])`],
  ])("what it caught and hands on after a write says that the write may stay: %s of %s", async (code, _, caught) => {
    const failing = script("once", `redis.call("SET", KEYS[1], "x")\nreturn ${caught}`);
    expect(await refusal(run(redis, failing, { key: "half" }, {}))).toMatchObject({ code, applied: "maybe" });
    expect(await witness(server).get("half")).toBe("x");
  });

  test("a source that does not compile says so, and nothing was applied", async () => {
    const error = await refusal(run(redis, script("once", "return 1 +\n\n* 2"), { key: "a" }, {}));
    expect(error).toMatchObject({ code: "ERR", line: 3, applied: "no" });
    expect((error as Error).message).toMatch(/^Script test\.one:3: ERR Error compiling script/);
  });

  test("a script of no writes goes by EVALSHA_RO, is refused a write, and its failures changed nothing", async () => {
    const look = witness(server);
    const reading = script("none", `return redis.call("EXISTS", KEYS[1])`);
    await run(redis, reading, { key: "a" }, {});
    await look.config("RESETSTAT");
    expect(await run(redis, reading, { key: "a" }, {})).toBe(0);
    expect(await calls(look)).toEqual({ evalsha_ro: 1, exists: 1 });
    const lying = script("none", `return redis.call("INCR", KEYS[1])`);
    await run(redis, lying, { key: "a" }, {}).catch(() => {});
    expect(await refusal(run(redis, lying, { key: "a" }, {}))).toMatchObject({ code: "ERR", applied: "no" });
  });

  test("the prefix of the connection is put before keys, and nothing else", async () => {
    const look = witness(server);
    const shop = await open(server.url, { client, prefix: "shop" });
    await look.set("shop:stock:1", "a");
    expect(await run(shop, swap, { stock: "stock:1" }, { expect: "a", value: "stock:2" })).toEqual({ outcome: "swapped" });
    expect(await look.get("shop:stock:1")).toBe("stock:2");
  });

  test("keys of different slots are refused before anything is sent, though this is no cluster", async () => {
    const look = witness(server);
    const two = defineScript({
      name: "stock.move",
      keys: { from: "string", to: "string" },
      args: {},
      reply: "integer",
      writes: "once",
      lua: "return 1",
    });
    const error = await refusal(run(redis, two, { from: "stock:1", to: "stock:2" }, {}));
    expect(error).toMatchObject({ name: "ScriptError", code: "SCRIPT_KEYS", script: "stock.move", applied: "no" });
    expect(await calls(look)).toEqual({});
    expect(await run(redis, two, { from: "{stock}:1", to: "{stock}:2" }, {})).toBe(1);
  });

  test("tryRun answers a failed call as a value, and throws what is a mistake in the program", async () => {
    const failing = script("once", `return redis.error_reply("LOCK_LOST by another")`);
    expect(await tryRun(redis, failing, { key: "a" }, {})).toMatchObject({ ok: false, error: { code: "LOCK_LOST" } });
    expect(await tryRun(redis, swap, { stock: "s" }, { expect: "a", value: "b" })).toEqual({
      ok: true,
      value: { outcome: "differs", current: null },
    });
    expect(await refusal(tryRun(redis, failing, { key: "" }, {}))).toMatchObject({ code: "INPUT_INVALID" });
  });

  test("a call ends at its timeout and at its signal while a script keeps the server busy, and says what may have been", async () => {
    const look = witness(server);
    const slow = script("once", `redis.call("INCR", KEYS[1]) for i = 1, 2e7 do local x = i end return 1`);
    await look.script("LOAD", slow.lua);
    const stop = new AbortController();
    const late = refusal(run(redis, slow, { key: "late" }, {}, { timeout: 20 }));
    const stopped = refusal(run(redis, slow, { key: "stopped" }, {}, { signal: stop.signal }));
    expect(await late).toMatchObject({ code: "CLIENT_TIMEOUT", applied: "maybe", script: "test.one" });
    stop.abort();
    expect(await stopped).toMatchObject({ code: "CLIENT_ABORTED", applied: "maybe" });
    // Giving up does not stop the server: both ran.
    expect(await look.mget("late", "stopped")).toEqual(["1", "1"]);
    expect(await refusal(run(redis, slow, { key: "never" }, {}, { signal: stop.signal }))).toMatchObject({
      code: "CLIENT_ABORTED",
      applied: "no",
    });
    expect(await look.exists("never")).toBe(0);
  });

  test("after the port is closed a call fails at once", async () => {
    const closed = await connect(server.url, { client });
    await closed.close();
    expect(await refusal(run(closed, swap, { stock: "s" }, { expect: "", value: "" }))).toMatchObject({
      code: "CLIENT_CLOSED",
      applied: "no",
    });
  });
});

describe("a server without EVALSHA_RO", () => {
  test.each(clients)("is asked for it once a connection, and then by EVALSHA, over %s", async (client) => {
    await using old = await startRedis({ engine: "redis-server", args: ["--rename-command", "EVALSHA_RO", ""] });
    const redis = await open(old.url, { client });
    const look = witness(old);
    const reading = script("none", `return redis.call("EXISTS", KEYS[1])`);
    const retries: number[] = [];
    const listener = (event: unknown): unknown => retries.push((event as ScriptEvent).retries);
    subscribe("redlua:script:run", listener);
    onTestFinished(() => {
      unsubscribe("redlua:script:run", listener);
    });
    for (let times = 0; times < 3; times++) expect(await run(redis, reading, { key: "a" }, {})).toBe(0);
    // Once because the command is unknown, and once to bring the script.
    expect(retries).toEqual([2, 0, 0]);
    expect(await calls(look)).toEqual({ evalsha: 4, "script|load": 1, exists: 3 });
  });
});

test("what is no script, and a controller in place of its signal, is refused before anything is sent", async () => {
  const redis = await open(server.url);
  const look = witness(server);
  const stop = new AbortController() as never;
  const given = { stock: "s" };
  const args = { expect: "", value: "" };
  const said = "signal must be an AbortSignal, not an object (AbortController).";
  await expect(run(redis, swap, given, args, { signal: stop })).rejects.toThrow(said);
  await expect(runBatch(redis, [call(swap, given, args)], { signal: stop })).rejects.toThrow(said);
  for (const none of [undefined, "stock.swap", {}])
    await expect(run(redis, none as unknown as typeof swap, given, args)).rejects.toThrow(
      "A script must be what defineScript answers",
    );
  await expect(prepare(redis, undefined as unknown as typeof swap)).rejects.toThrow("A script must be");
  expect(await calls(look)).toEqual({});
});
