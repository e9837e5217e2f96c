import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Queue } from "./index.ts";

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

const lease = "30s";

/** A queue with one job, whose id is "a". */
async function queueOfOne(options: { readonly now?: () => number } = {}): Promise<Queue> {
  const queue = new Queue(redis, `q-${randomUUID()}`, options);
  await queue.add("n", { n: 1 }, { id: "a", maxRetries: 1 });
  return queue;
}

async function take(queue: Queue): Promise<{ readonly id: string; readonly token: string }> {
  const claim = await queue.store.claimNext({ worker: "w", lease });
  if (claim === undefined) throw new Error("There is no job to take.");
  return { id: claim.job.id, token: claim.token };
}

/** What is published about the job from now on. */
async function published(queue: Queue): Promise<readonly string[]> {
  const heard: string[] = [];
  const end = await redis.subscribe(`${queue.store.keys.job}a`, { message: (text) => heard.push(text), restored: () => {} });
  onTestFinished(end);
  return heard;
}

/** The word that one no longer listens goes on another connection, and the server may take it a little later. */
async function nobodyListens(queue: Queue): Promise<void> {
  const channel = `${queue.store.keys.job}a`;
  await expect.poll(() => redis.send(["PUBSUB", "NUMSUB", channel], { resend: "ok" })).toEqual([expect.anything(), 0]);
}

test("a job is told as it is, without its payload, and at each change until it has ended", async () => {
  const queue = await queueOfOne();
  const told = queue.follow("a");
  expect((await told.next()).value).toMatchObject({ id: "a", name: "n", status: "queued" });
  const held = await take(queue);
  expect((await told.next()).value).toMatchObject({ status: "in-progress", workerId: "w", payload: undefined });
  await queue.store.extend([{ ...held, progress: 40 }]);
  expect((await told.next()).value).toMatchObject({ status: "in-progress", progress: 40 });
  await queue.store.complete(held, '"done"');
  expect((await told.next()).value).toMatchObject({ status: "completed", result: undefined });
  expect((await told.next()).done).toBe(true);
  await nobodyListens(queue);
});

test("of a job that is watched closely everything is published; of one that is only waited for, its end", async () => {
  for (const [closely, all] of [
    [true, ["in-progress", "in-progress", "queued", "in-progress", "scheduled", "canceled"]],
    [false, ["canceled"]],
  ] as const) {
    const queue = await queueOfOne();
    const heard = await published(queue);
    expect(await queue.store.watch("a", { closely })).toBe("queued");
    // Whoever only waits takes nothing from who follows.
    await queue.store.watch("a");
    const held = await take(queue);
    await queue.store.extend([{ ...held, progress: 1 }]);
    await queue.store.extend([held]);
    expect(await queue.store.snooze(held, 0)).toBe("queued");
    const again = await queue.store.claim("a", { worker: "w" });
    if (!again.claimed) throw new Error("It was not claimed.");
    expect(await queue.store.fail({ id: "a", token: again.token }, new Error("not yet"), "1h")).toBe("scheduled");
    await queue.cancel("a");
    await expect.poll(() => heard, { interval: 5 }).toEqual(all);
  }
});

test("that a stuck job is taken back, or dies, is published", async () => {
  const clock = { now: Date.now() };
  const queue = await queueOfOne({ now: () => clock.now });
  const heard = await published(queue);
  await queue.store.watch("a", { closely: true });
  await take(queue);
  clock.now += 31_000;
  expect(await queue.store.recoverStuck()).toMatchObject({ recovered: 1 });
  await take(queue);
  await expect.poll(() => heard, { interval: 5 }).toEqual(["in-progress", "queued", "in-progress"]);
});

test("a job that there is not, or not any more, ends it", async () => {
  const queue = await queueOfOne();
  expect(await queue.follow("none").next()).toEqual({ done: true, value: undefined });
  const told = queue.follow("a");
  await told.next();
  const next = told.next();
  await queue.remove("a");
  expect((await next).done).toBe(true);
});

test("the time that is up ends it, and so does who stops listening", async () => {
  const queue = await queueOfOne();
  const seen: string[] = [];
  for await (const { status } of queue.follow("a", { timeout: 20 })) seen.push(status);
  for await (const { status } of queue.follow("a")) {
    seen.push(status);
    break;
  }
  expect(seen).toEqual(["queued", "queued"]);
  const stop = new AbortController();
  const told = queue.follow("a", { signal: stop.signal });
  await told.next();
  const next = told.next();
  stop.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  await expect(queue.follow("a", { signal: stop.signal }).next()).rejects.toThrow("enough");
  await nobodyListens(queue);
});

test("what is misspelt is refused before anything is asked", () => {
  const queue = new Queue(neverAsked, "q");
  expect(() => queue.follow("a", { timeot: 1 } as never)).toThrow('Did you mean "timeout"?');
  expect(() => queue.follow("")).toThrow("A job's id is");
  expect(() => queue.follow("a", { timeout: "soon" as never })).toThrow("timeout must be");
});
