import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import type { RedisPort } from "redlua/client";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "redlua/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clients } from "../conformance/clients.ts";
import type { OpenPort } from "../conformance/redis-port.ts";

const script = "return redis.call('INCR', KEYS[1])";

let server: RedisServer;
let proxy: FaultProxy;
/** Looks at the server without the proxy in between. */
let witness: Redis;

beforeAll(async () => {
  server = await startRedis();
  witness = new Redis({ path: server.socket });
});
afterAll(async () => {
  witness.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await witness.flushall();
  proxy = await startFaultProxy({ target: server });
});
afterEach(() => proxy.close());

describe.each([
  ["ioredis 6", Redis],
  ["ioredis 5", Redis5 as unknown as typeof Redis],
])("%s as it comes", (_name, Client) => {
  test("runs a script twice when its reply is lost, and tells nobody", async () => {
    const client = new Client({ host: "127.0.0.1", port: proxy.port });
    try {
      await client.ping();
      const dropped = proxy.dropNextReply({ of: "EVAL" });
      expect(await client.eval(script, 1, "count")).toBe(2);
      await dropped;
      expect(await witness.get("count")).toBe("2");
    } finally {
      client.disconnect();
    }
  });
});

describe.each(Object.entries(clients))("redlua over %s", (_name, make) => {
  let opened: OpenPort;
  let port: RedisPort;

  beforeEach(async () => {
    opened = await make({ ports: [proxy.port] });
    port = opened.port;
    await port.send(["PING"], { resend: "ok" });
  });
  afterEach(() => opened.end());

  test("a script whose reply is lost ran once, and its caller knows that it may have", async () => {
    const dropped = proxy.dropNextReply({ of: "EVAL" });
    const error = await port.send(["EVAL", script, "1", "count"], { resend: "never" }).catch((reason: unknown) => reason);
    await dropped;
    expect(error).toMatchObject({ code: "CLIENT_DISCONNECTED", applied: "maybe" });
    expect(await port.send(["GET", "count"], { resend: "never" })).toBe("1");
    expect(await witness.get("count")).toBe("1");
  });

  test("a caller hears of a lost connection at once, not when there is another", async () => {
    void proxy.dropNextReply({ of: "EVAL" });
    proxy.refuse();
    const error = await port.send(["EVAL", script, "1", "count"], { resend: "never" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CLIENT_DISCONNECTED", applied: "maybe" });
    await proxy.heal();
  });

  test("many in flight at once ran once each, and each caller knows", async () => {
    void proxy.dropNextReply({ of: "EVAL", after: 3 });
    const calls = Array.from({ length: 20 }, (_, index) =>
      port.send(["EVAL", script, "1", `count:${index}`], { resend: "never" }),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.slice(0, 3).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    for (const outcome of outcomes.slice(3))
      expect(outcome).toMatchObject({ reason: { code: "CLIENT_DISCONNECTED", applied: "maybe" } });
    await port.send(["PING"], { resend: "never" });
    expect(await witness.mget(calls.map((_, index) => `count:${index}`))).toEqual(calls.map(() => "1"));
  });

  test("a batch whose replies are lost ran once, and no part of it is sent again", async () => {
    void proxy.dropNextReply({ of: "EVAL", after: 1 });
    const commands = Array.from({ length: 5 }, () => ["EVAL", script, "1", "count"]);
    const replies = await port.batch(commands, { resend: "never" });
    expect(replies[0]).toBe(1);
    for (const reply of replies.slice(1)) expect(reply).toMatchObject({ code: "CLIENT_DISCONNECTED", applied: "maybe" });
    await port.send(["PING"], { resend: "never" });
    expect(await witness.get("count")).toBe("5");
  });

  test("what may be sent again is, and answers", async () => {
    void proxy.dropNextReply({ of: "SET" });
    expect(await port.send(["SET", "key", "value"], { resend: "ok" })).toBe("OK");
  });

  test("a connection that is reset leaves a port that works", async () => {
    proxy.reset();
    await expect.poll(() => port.send(["PING"], { resend: "ok" }), { interval: 5 }).toBe("PONG");
  });

  test("what was given up while there was no connection is never sent", async () => {
    proxy.refuse();
    proxy.reset();
    await expect.poll(() => proxy.connections, { interval: 5 }).toBe(0);
    const alone = port.send(["INCR", "late"], { resend: "never", timeoutMs: 30 });
    const idempotent = port.send(["INCR", "late"], { resend: "ok", timeoutMs: 30 });
    const stop = new AbortController();
    const aborted = port.send(["INCR", "late"], { resend: "never", signal: stop.signal });
    const batch = port.batch(
      [
        ["INCR", "late"],
        ["INCR", "late"],
      ],
      { resend: "never", timeoutMs: 30 },
    );
    for (const call of [alone, idempotent])
      await expect(call).rejects.toMatchObject({ code: "CLIENT_UNAVAILABLE", applied: "no" });
    for (const reply of await batch) expect(reply).toMatchObject({ code: "CLIENT_UNAVAILABLE", applied: "no" });
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: "CLIENT_ABORTED", applied: "no" });
    await proxy.heal();
    const waits = port.send(["INCR", "waited"], { resend: "never" });
    expect(await waits).toBe(1);
    expect(await witness.get("late")).toBeNull();
  });

  test("a network that swallows everything ends a call at its deadline, and the port works when it is back", async () => {
    proxy.blackHole();
    const error = await port.send(["INCR", "count"], { resend: "never", timeoutMs: 30 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CLIENT_TIMEOUT", applied: "maybe" });
    await proxy.heal();
    expect(await port.send(["GET", "count"], { resend: "never" })).toBe("1");
  });
});
