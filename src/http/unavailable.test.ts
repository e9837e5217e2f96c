import { expect, test } from "vitest";
import { ClientError, connect, type RedisPort } from "../client/index.ts";
import { ScriptError } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { acceptedOf, apiOver, problemOf } from "./fixtures/index.ts";
import { unavailability } from "./unavailable.ts";

/** A server to be broken, and a connection that gives up after a second. */
async function withRedis(run: (server: RedisServer, redis: RedisPort) => Promise<void>): Promise<void> {
  await using server = await startRedis();
  const redis = await connect(server.url, { timeout: "1s" });
  try {
    await run(server, redis);
  } finally {
    await redis.close();
  }
}

/** How long it took, in milliseconds. */
async function timed<Value>(promise: Promise<Value>): Promise<readonly [Value, number]> {
  const from = performance.now();
  return [await promise, performance.now() - from];
}

test("while Redis is down everything is 503 within the deadline, and works again when it is back", () =>
  withRedis(async (server, redis) => {
    const heard: unknown[] = [];
    const { post, ask, queue } = apiOver(redis, [{}], { onError: (error) => heard.push(error), retryAfter: "3s" });
    const { links } = await acceptedOf(await post("/things"));
    await server.kill();

    const [refused, tookMs] = await timed(post("/things", {}, { "idempotency-key": '"k"' }));
    expect(tookMs).toBeLessThan(3_000);
    expect(refused.headers.get("retry-after")).toBe("3");
    const { applied, detail } = await problemOf(refused, "unavailable");
    expect(["no", "maybe"]).toContain(applied);
    expect(detail).toMatch(applied === "no" ? /No job was made/ : /same Idempotency-Key/);
    for (const [path, method] of [
      [links.self, "GET"],
      [links.result, "GET"],
      [links.self, "DELETE"],
    ] as const) {
      const [response, ms] = await timed(ask(path, { method }));
      expect(ms).toBeLessThan(3_000);
      expect(response.headers.get("retry-after")).toBe("3");
      await problemOf(response, "unavailable");
    }
    expect(heard.length).toBe(4);

    await server.restart();
    // waits: the connection is on its way back, and a client tries until it is
    const again = async (): Promise<number> => (await post("/things", {}, { "idempotency-key": '"k"' })).status;
    await expect.poll(again, { timeout: 10_000 }).toBe(202);
    expect(await queue.stats()).toMatchObject({ queued: 1 });
  }));

test("when a hook finds Redis away, no job was made", () =>
  withRedis(async (server, redis) => {
    const heard: unknown[] = [];
    const admit = async (): Promise<boolean> => (await api.queue.stats()).queued < 10;
    const api = apiOver(redis, [{}], { admit, onError: (error) => heard.push(error) });
    await acceptedOf(await api.post("/things"));
    await server.kill();
    expect(await problemOf(await api.post("/things"), "unavailable")).toMatchObject({ applied: "no" });
    expect(heard.length).toBe(1);
  }));

test("a job that may have been made is said to be, with where to look; the same key leads to one job", () =>
  withRedis(async (server, redis) => {
    const { post, ask, queue } = apiOver(redis);
    // Warm: the script is loaded, so that nothing but the adding itself is left hanging.
    await acceptedOf(await post("/things"));
    server.pause();
    const [lost, lostKeyed] = await Promise.all([
      post("/things", { n: 1 }),
      post("/things", { n: 2 }, { "idempotency-key": '"k"' }),
    ]);
    server.resume();
    const unkeyed = await problemOf(lost, "unavailable");
    const keyed = await problemOf(lostKeyed, "unavailable");
    expect(unkeyed).toMatchObject({ applied: "maybe", detail: expect.stringContaining("Look at links.self") });
    expect(keyed).toMatchObject({ applied: "maybe", detail: expect.stringContaining("same Idempotency-Key") });
    // The server was only paused: it ran both when it went on.
    const { self } = unkeyed["links"] as { self: string };
    // waits: there is no event for what a server does after nobody listens any more
    await expect.poll(async () => (await ask(self)).status, { timeout: 5_000 }).toBe(200);
    const replay = await post("/things", { n: 2 }, { "idempotency-key": '"k"' });
    const { links } = await acceptedOf(replay);
    expect([replay.headers.get("idempotency-replayed"), links.self]).toEqual(["true", (keyed["links"] as { self: string }).self]);
    expect(await queue.stats()).toMatchObject({ queued: 3 });
  }));

test("when Redis goes away while a client waits, the job that was made is answered with 202", () =>
  withRedis(async (server, redis) => {
    const { post } = apiOver(redis);
    const held = post("/things", {}, { prefer: "wait=20" });
    // waits: there is no event for a request that has begun to wait
    await expect.poll(async () => redis.send(["PUBSUB", "CHANNELS", "*"], { resend: "ok" })).not.toEqual([]);
    const gone = server.kill();
    const [response, tookMs] = await timed(held);
    await gone;
    await acceptedOf(response);
    expect(tookMs).toBeLessThan(10_000);
  }));

test("a worker and its endpoints come back by themselves after a restart of Redis", () =>
  withRedis(async (server, redis) => {
    const { post, queue } = apiOver(redis);
    await using worker = new Worker(queue, async (job) => job.payload);
    await worker.start();
    expect((await post("/things", 1, { prefer: "wait=10" })).status).toBe(200);
    await server.restart();
    // waits: a connection that is on its way back is tried, as a client would
    await expect.poll(async () => (await post("/things", 2, { prefer: "wait=10" })).status, { timeout: 10_000 }).toBe(200);
  }));

test("a Redis that is full is 503, and nothing was made", () =>
  withRedis(async (_server, redis) => {
    const { post, ask, queue } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    await redis.send(["CONFIG", "SET", "maxmemory", "1"], { resend: "ok" });
    await problemOf(await post("/things"), "unavailable");
    expect((await ask(links.self)).status).toBe(200);
    expect(await queue.stats()).toMatchObject({ queued: 1 });
  }));

test("what counts as away is a lost server and one that takes no work, and not a mistake of ours", () => {
  const facts = { script: "jobs.add", applied: "no" } as const;
  expect(unavailability(new ScriptError("CLIENT_TIMEOUT", "", { ...facts, applied: "maybe" }))).toEqual({ applied: "maybe" });
  expect(unavailability(new ScriptError("OOM", "", facts))).toEqual({ applied: "no" });
  expect(unavailability(new ClientError("CLIENT_REPLY", "", { applied: "no", reply: "LOADING" }))).toEqual({ applied: "no" });
  expect(unavailability(new ClientError("CLIENT_REPLY", "", { applied: "no", reply: "WRONGTYPE" }))).toBeUndefined();
  expect(unavailability(new ScriptError("SCRIPT_REPLY", "", facts))).toBeUndefined();
  expect(unavailability(new Error("CLIENT_TIMEOUT"))).toBeUndefined();
});
