import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { calls, defineLoosely, open, refusal, witness } from "./fixtures/index.ts";
import { defineScript, prepare, ScriptRegistry } from "./index.ts";

const add = defineScript({
  name: "stock.add",
  keys: { stock: "string" },
  args: { count: "integer", note: { nullable: "string" } },
  reply: "integer",
  writes: "once",
  lua: `return redis.call("INCRBY", KEYS[1], ARGV[1])`,
});
const addTwice = defineLoosely({ ...add, ...add.schema, lua: `return redis.call("INCRBY", KEYS[1], ARGV[1] * 2)` });

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

describe("a registry", () => {
  test("runs scripts by name: the last registered version, or the one that is asked for", async () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add, { version: "1" });
    registry.register(addTwice, { version: "2" });
    const call = { keys: { stock: "by-name" }, args: { count: 5 } };
    expect(await registry.execute("stock.add", call)).toBe(10);
    expect(await registry.execute("stock.add", { ...call, version: "1" })).toBe(15);
  });

  test("tells what it knows of a script", () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add);
    registry.register(addTwice, { version: "2" });
    expect(registry.names).toEqual(["stock.add"]);
    expect(registry.info("stock.add")).toEqual({
      name: "stock.add",
      version: "2",
      versions: [
        { version: add.sha.slice(0, 8), sha: add.sha },
        { version: "2", sha: addTwice.sha },
      ],
      sha: addTwice.sha,
      schema: addTwice.schema,
    });
    expect(registry.info("stock.sub")).toBeUndefined();
  });

  test("refuses what is no script, and options that there are not", async () => {
    const registry = new ScriptRegistry(redis);
    const given = (script: unknown, options: object): void => registry.register(script as typeof add, options);
    expect(() => given(undefined, {})).toThrow(
      "A script must be what defineScript answers, or what redlua gen wrote, not undefined.",
    );
    expect(() => given(add, { vresion: "2" })).toThrow('Did you mean "version"?');
    expect(() => given(add, { version: 2 })).toThrow("ScriptRegistry.register.version must be text");
    registry.register(add);
    await expect(registry.execute("stock.add", { keys: { stock: "a" }, arsg: {} } as never)).rejects.toThrow(
      'Did you mean "args"?',
    );
  });

  test("is not changed by what it has already", () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add, { version: "1" });
    registry.register(addTwice, { version: "2" });
    const before = registry.info("stock.add");
    registry.register(defineLoosely({ ...add, ...add.schema }), { version: "1" });
    expect(registry.info("stock.add")).toEqual(before);
  });

  test("refuses another source, or another schema, under a version that is taken", () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add, { version: "1" });
    const other = defineLoosely({ ...add, ...add.schema, reply: "bigint" });
    for (const script of [addTwice, other]) {
      expect(() => registry.register(script, { version: "1" })).toThrow(
        expect.objectContaining({
          code: "INPUT_INVALID",
          field: "version",
          message: expect.stringMatching(/^Version "1" of script "stock\.add"/),
        }),
      );
    }
  });

  test("suggests the name that was meant, and lists the versions", async () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add, { version: "1" });
    const call = { keys: { stock: "s" } };
    expect(await refusal(registry.execute("stock.ad", call))).toMatchObject({
      code: "INPUT_INVALID",
      message: 'No script is registered as "stock.ad". Did you mean "stock.add"?',
    });
    expect(await refusal(registry.execute("lock.acquire", call))).toMatchObject({
      message: expect.stringMatching(/Register it first/),
    });
    expect(await refusal(registry.execute("stock.add", { ...call, version: "3" }))).toMatchObject({
      message: 'Script "stock.add" has no version "3". It has: 1.',
    });
  });

  test("checks keys and arguments, whatever TypeScript was told", async () => {
    const registry = new ScriptRegistry(redis);
    registry.register(add);
    const bad: readonly [call: object, message: string][] = [
      [{}, "stock.add: the keys must be an object, not undefined."],
      [{ keys: { stock: "s" } }, "stock.add: count must be a whole number up to 2^53 - 1, not undefined."],
      [{ keys: { stock: "s" }, args: { count: 1, nota: "x" } }, 'stock.add has no option "nota". Did you mean "note"?'],
    ];
    for (const [call, message] of bad) {
      expect(await refusal(registry.execute("stock.add", call as never))).toMatchObject({ name: "InvalidInputError", message });
    }
  });

  test("prepares every version of every script", async () => {
    const look = witness(server);
    await look.script("FLUSH");
    const registry = new ScriptRegistry(redis);
    registry.register(add);
    registry.register(addTwice, { version: "2" });
    await registry.prepare();
    expect(await look.script("EXISTS", add.sha, addTwice.sha)).toEqual([1, 1]);
  });
});

describe("a prepared script", () => {
  test("is bound to its connection, and not even its first call pays for loading", async () => {
    const look = witness(server);
    await look.script("FLUSH");
    const prepared = await prepare(redis, add);
    await look.config("RESETSTAT");
    expect(prepared.script).toBe(add);
    expect(await prepared.run({ stock: "prepared" }, { count: 1 })).toBe(1);
    expect(await prepared.tryRun({ stock: "prepared" }, { count: 1 })).toEqual({ ok: true, value: 2 });
    expect(await calls(look)).toEqual({ evalsha: 2, incrby: 2 });
  });

  test("that the server forgot is loaded by the call that finds out", async () => {
    const prepared = await prepare(redis, add);
    await witness(server).script("FLUSH");
    expect(await prepared.run({ stock: "forgotten" }, { count: 3 })).toBe(3);
  });

  test("cannot be made of a source that does not compile, nor without a server", async () => {
    const broken = defineLoosely({ ...add, ...add.schema, lua: "return 1 +" });
    expect(await refusal(prepare(redis, broken))).toMatchObject({
      name: "ScriptError",
      code: "ERR",
      script: "stock.add",
      line: 1,
    });
    const proxy = await startFaultProxy({ target: server });
    const far = await open(proxy.url, { timeout: 300 });
    await proxy.close();
    await expect.poll(() => proxy.connections, { interval: 5 }).toBe(0);
    expect(await refusal(prepare(far, add))).toMatchObject({ name: "ScriptError", code: "CLIENT_UNAVAILABLE", applied: "no" });
  });
});
