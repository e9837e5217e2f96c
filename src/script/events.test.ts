import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { clients, defineLoosely, refusal, witness } from "./fixtures/index.ts";
import { call, defineScript, prepare, run, runBatch, type ScriptEvent } from "./index.ts";

const put = defineScript({
  name: "stock.put",
  keys: { stock: "string" },
  args: { value: "string" },
  reply: { array: "bytes" },
  writes: "once",
  lua: `if ARGV[1] == "bad" then return redis.error_reply("STOCK_BAD no") end return { ARGV[1], 7 }`,
});

/** What is published until the test is over. */
function heard(): ScriptEvent[] {
  const events: ScriptEvent[] = [];
  const listener = (event: unknown): void => {
    events.push(event as ScriptEvent);
  };
  subscribe("redlua:script:run", listener);
  onTestFinished(() => {
    unsubscribe("redlua:script:run", listener);
  });
  return events;
}

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe.each(clients)("every call is published once, when it is over, over %s", (client) => {
  let redis: RedisPort;

  beforeEach(async () => {
    await witness(server).script("FLUSH");
    redis = await connect(server.url, { client });
    return () => redis.close();
  });

  const read = defineLoosely({
    ...put,
    ...put.schema,
    name: "stock.read",
    reply: { record: { value: "string", seven: "integer" } },
  });
  const stock = { stock: "s" };
  // SHA, number of keys, key, argument.
  const sentBytes = 40 + 1 + 1 + 2;

  test("with its script, duration, bytes and how often it was sent again", async () => {
    const events = heard();
    await run(redis, read, stock, { value: "é" });
    await run(redis, read, stock, { value: "é" });
    const facts = {
      script: "stock.read",
      sha: read.sha,
      durationMs: expect.any(Number),
      outcome: "ok",
      sentBytes,
      receivedBytes: 10,
    };
    expect(events).toEqual([
      { ...facts, retries: 1 },
      { ...facts, retries: 0 },
    ]);
    for (const { durationMs } of events) expect(durationMs).toBeGreaterThan(0);
  });

  test("also if it failed: as the server said, or as its reply was not what was promised", async () => {
    await prepare(redis, put);
    const events = heard();
    await refusal(run(redis, read, stock, { value: "bad" }));
    await refusal(run(redis, put, stock, { value: "é" }));
    expect(events).toMatchObject([
      {
        script: "stock.read",
        outcome: "error",
        error: { code: "STOCK_BAD" },
        sentBytes: sentBytes + 1,
        receivedBytes: 0,
        retries: 0,
      },
      { script: "stock.put", outcome: "error", error: { code: "SCRIPT_REPLY" }, sentBytes, receivedBytes: 10, retries: 0 },
    ]);
  });

  test("a failure to load counts as sent again", async () => {
    const events = heard();
    const broken = defineLoosely({ ...put, ...put.schema, name: "stock.broken", lua: "return 1 +" });
    await refusal(run(redis, broken, stock, { value: "x" }));
    expect(events).toMatchObject([{ script: "stock.broken", outcome: "error", error: { code: "ERR" }, retries: 1 }]);
  });

  test("each call of a batch for itself", async () => {
    const events = heard();
    await runBatch(redis, [call(read, stock, { value: "é" }), call(read, stock, { value: "bad" })]);
    expect(events).toMatchObject([
      { script: "stock.read", outcome: "ok", sentBytes, receivedBytes: 10, retries: 0 },
      { script: "stock.read", outcome: "error", error: { code: "STOCK_BAD" }, receivedBytes: 0, retries: 0 },
    ]);
  });

  test("but not what was refused before it was sent", async () => {
    const events = heard();
    await refusal(run(redis, read, stock, { value: 7 as never }));
    expect(events).toEqual([]);
  });
});
