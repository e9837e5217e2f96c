import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { clients, defineLoosely, type Loose, refusal, witness } from "./fixtures/index.ts";
import { call, run, runBatch, type Script, type Writes } from "./index.ts";

/** A script that counts its runs, whatever it says of itself. */
function counting(writes: Writes): Script<Loose> {
  const lua = writes === "none" ? `return tonumber(redis.call("GET", KEYS[1]) or 0)` : `return redis.call("INCR", KEYS[1])`;
  return defineLoosely({ name: "test.count", keys: { runs: "string" }, args: {}, reply: "integer", writes, lua });
}

const isCall = (words: readonly string[]): boolean => /^EVALSHA/i.test(words[0] ?? "");

let server: RedisServer;
let proxy: FaultProxy;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
});

describe.each(clients)("over %s, when the reply is lost", (client) => {
  let redis: RedisPort;

  beforeEach(async () => {
    await witness(server).flushall();
    redis = await connect(proxy.url, { client });
    for (const writes of ["none", "idempotent", "once"] as const) await run(redis, counting(writes), { runs: "warm" }, {});
    return () => redis.close();
  });

  test("a script that may run once has run once, and its caller knows that it may have", async () => {
    const lost = proxy.dropNextReply({ of: isCall });
    const error = await refusal(run(redis, counting("once"), { runs: "n" }, {}));
    await lost;
    expect(error).toMatchObject({ code: "CLIENT_DISCONNECTED", script: "test.count", applied: "maybe" });
    expect(await run(redis, counting("none"), { runs: "n" }, {})).toBe(1);
  });

  test("many of them in flight have run once each", async () => {
    void proxy.dropNextReply({ of: isCall, after: 5 });
    const runs = Array.from({ length: 20 }, (_, index) => run(redis, counting("once"), { runs: `n:${index}` }, {}));
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    await run(redis, counting("none"), { runs: "n:0" }, {});
    expect(await witness(server).mget(outcomes.map((_, index) => `n:${index}`))).toEqual(outcomes.map(() => "1"));
  });

  test("an idempotent script is sent again, and its caller does not notice", async () => {
    const lost = proxy.dropNextReply({ of: isCall });
    expect(await run(redis, counting("idempotent"), { runs: "n" }, {})).toBe(2);
    await lost;
  });

  test("a script of no writes is sent again", async () => {
    const lost = proxy.dropNextReply({ of: isCall });
    expect(await run(redis, counting("none"), { runs: "n" }, {})).toBe(0);
    await lost;
  });

  test("a script that had to be loaded is not called a second time either", async () => {
    await witness(server).script("FLUSH");
    // The first reply says NOSCRIPT; the one that is lost answers the call after SCRIPT LOAD.
    const lost = proxy.dropNextReply({ of: isCall, after: 1 });
    const error = await refusal(run(redis, counting("once"), { runs: "n" }, {}));
    await lost;
    expect(error).toMatchObject({ code: "CLIENT_DISCONNECTED", applied: "maybe" });
    expect(await run(redis, counting("none"), { runs: "n" }, {})).toBe(1);
  });

  test("a batch with one that may run once is not sent again: each call says what may have been", async () => {
    const lost = proxy.dropNextReply({ of: isCall, after: 1 });
    const calls = ["once", "once", "idempotent", "none"] as const;
    const outcomes = await runBatch(
      redis,
      calls.map((writes) => call(counting(writes), { runs: "n" }, {})),
    );
    await lost;
    expect(outcomes[0]).toEqual({ ok: true, value: 1 });
    for (const outcome of outcomes.slice(1)) expect(outcome).toMatchObject({ ok: false, error: { code: "CLIENT_DISCONNECTED" } });
    expect(outcomes.slice(1).map((outcome) => !outcome.ok && outcome.error.applied)).toEqual(["maybe", "maybe", "no"]);
    expect(await run(redis, counting("none"), { runs: "n" }, {})).toBe(3);
  });

  test("a network that swallows everything ends a call at its timeout: nothing was changed by what only reads", async () => {
    proxy.blackHole();
    const once = refusal(run(redis, counting("once"), { runs: "n" }, {}, { timeout: 30 }));
    const none = refusal(run(redis, counting("none"), { runs: "n" }, {}, { timeout: 30 }));
    expect(await once).toMatchObject({ code: "CLIENT_TIMEOUT", applied: "maybe" });
    expect(await none).toMatchObject({ code: "CLIENT_TIMEOUT", applied: "no" });
    await proxy.heal();
    expect(await run(redis, counting("idempotent"), { runs: "n" }, {})).toBe(2);
  });

  test("what could not be sent was not applied, and is not sent later", async () => {
    proxy.refuse();
    proxy.reset();
    await expect.poll(() => proxy.connections, { interval: 5 }).toBe(0);
    for (const writes of ["once", "idempotent"] as const) {
      const error = await refusal(run(redis, counting(writes), { runs: "n" }, {}, { timeout: 30 }));
      expect(error).toMatchObject({ code: "CLIENT_UNAVAILABLE", applied: "no" });
    }
    await proxy.heal();
    expect(await run(redis, counting("none"), { runs: "n" }, {})).toBe(0);
  });
});
