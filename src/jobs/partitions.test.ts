import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testTransitions } from "../../test/support/transition.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type JobStore, Queue, type QueueOptions } from "./index.ts";

const partitions = 4;
const hour = 3_600_000;
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

const queueOf = (options: QueueOptions = {}): Queue => new Queue(redis, `q-${randomUUID()}`, { partitions, ...options });

/** Adds so many jobs, whose ids are their numbers. */
async function filled(count: number, options: QueueOptions = {}): Promise<Queue> {
  const queue = queueOf(options);
  await queue.addMany(Array.from({ length: count }, (_, n) => ({ name: "n", payload: n, options: { id: `job-${n}` } })));
  return queue;
}

/** Takes the next job of a store and ends it. */
async function end(store: JobStore, error?: Error): Promise<string> {
  const claim = await store.claimNext({ worker: "w" });
  if (claim === undefined) throw new Error("There is no job to take.");
  const held = { id: claim.job.id, token: claim.token };
  if (error === undefined) await store.complete(held);
  else await store.fail(held, error, "never");
  return held.id;
}

const ids = ({ jobs }: { readonly jobs: readonly { readonly id: string }[] }): readonly string[] => jobs.map(({ id }) => id);

/** How the store's queue answers one that would divide it into three. */
const agreed = ({ redis: port, queue }: JobStore): Promise<unknown> =>
  new Queue(port, queue, { partitions: 3 }).agree().catch((error) => [error.code, error.partitions, error.message]);

testTransitions({
  "who first divides a queue decides how": {
    script: "agree",
    before: { meta: { order: "7" } },
    call: agreed,
    reply: undefined,
    after: { meta: { order: "7", partitions: "3" } },
  },
  "who divides a queue otherwise is told": {
    script: "agree",
    before: { meta: { partitions: "4" } },
    call: agreed,
    reply: [
      "JOB_PARTITIONS",
      4,
      expect.stringMatching(/has 4 partitions, not 3: .* delete the field "partitions" of the hash jobs:\{q-/),
    ],
  },
  "a queue with jobs is not divided": {
    script: "agree",
    before: { leased: { a: 1 }, scheduled: { b: 1 } },
    call: agreed,
    reply: ["JOB_PARTITIONS", 1, expect.stringMatching(/has jobs that are in no partition \(2 wait or run\)/)],
  },
});

describe("a queue in partitions", () => {
  test("spreads its jobs over as many slots, and finds each by its id", async () => {
    const queue = await filled(100);
    const lengths = await Promise.all(queue.stores.map(async (store) => (await store.stats()).queued));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(100);
    expect(Math.min(...lengths)).toBeGreaterThan(10);
    for (const n of [0, 1, 50, 99]) expect(await queue.get(`job-${n}`)).toMatchObject({ payload: n, status: "queued" });
    const keys = new Set(queue.stores.map(({ keys: { ready } }) => ready));
    expect([...keys]).toEqual([0, 1, 2, 3].map((partition) => `jobs:{${queue.name}:${partition}}:ready`));
  });

  test("adds a job of an id once", async () => {
    const queue = await filled(1);
    expect(await queue.add("n", 0, { id: "job-0" })).toEqual({ id: "job-0", created: false });
    expect((await queue.stats()).queued).toBe(1);
  });

  test("counts the jobs of all", async () => {
    const queue = await filled(40);
    await queue.add("n", 0, { delay: "1h" });
    for (const store of queue.stores) await end(store);
    for (const store of queue.stores) await end(store, new Error("no"));
    await queue.stores[1]?.claimNext({ worker: "w" });
    const [waiting] = ids(await queue.list("queued", { limit: 1 }));
    await queue.cancel(waiting as string);
    expect(await queue.stats()).toEqual({
      ...{ queued: 30, scheduled: 1, inProgress: 1, completed: 4, failed: 4, canceled: 1, dead: 4, paused: false },
    });
  });

  test("is paused as a whole, and goes on", async () => {
    const queue = await filled(8);
    const next = (): Promise<readonly unknown[]> => Promise.all(queue.stores.map((store) => store.claimNext({ worker: "w" })));
    await queue.pause();
    expect(await next()).toEqual([undefined, undefined, undefined, undefined]);
    expect((await queue.stats()).paused).toBe(true);
    await queue.resume();
    expect((await queue.stats()).paused).toBe(false);
    expect((await next()).filter((claim) => claim !== undefined).length).toBeGreaterThan(0);
    await queue.stores[3]?.pause(true);
    expect((await queue.stats()).paused).toBe(true);
  });

  test("updates, cancels, removes, and waits for, a job wherever it is", async () => {
    const queue = await filled(20);
    for (let n = 0; n < 20; n++) {
      const id = `job-${n}`;
      expect(await queue.update(id, { payload: "new" })).toEqual({ updated: true, status: "queued" });
      const [ended] = await Promise.all([queue.wait(id), queue.cancel(id)]);
      expect(ended).toMatchObject({ payload: "new", status: "canceled" });
      expect(await queue.remove(id)).toEqual({ removed: true, status: "canceled" });
      expect(await queue.get(id)).toBeUndefined();
    }
  });

  test("tells of a job wherever it is", async () => {
    const queue = await filled(8);
    for (const store of queue.stores) {
      const [id] = (await store.list("ready", { limit: 1 })).jobs.map((job) => job.id);
      const told = queue.follow(id as string);
      expect((await told.next()).value).toMatchObject({ status: "queued" });
      await queue.cancel(id as string);
      expect((await told.next()).value).toMatchObject({ status: "canceled" });
      expect((await told.next()).done).toBe(true);
    }
  });

  test("replays dead letters, the ones named or all", async () => {
    const queue = await filled(60);
    const dead: string[] = [];
    for (const store of queue.stores) for (let n = 0; n < 3; n++) dead.push(await end(store, new Error("no")));
    expect(await queue.replay(...dead.slice(1, 8), "unknown")).toBe(7);
    expect((await queue.stats()).dead).toBe(5);
    expect(await queue.replayAll()).toBe(5);
    expect(await queue.stats()).toMatchObject({ dead: 0, failed: 0, queued: 60 });
    expect(() => queue.store).toThrow(/has 4 partitions, each with a store: use queue\.storeOf\(id\)/);
    const again = await end(queue.stores[2] as JobStore, new Error("no"));
    await expect(queue.replay(again, 7 as never)).rejects.toThrow(/A job's id/);
    expect((await queue.stats()).dead).toBe(1);
  });
});

describe("pages of a queue in partitions", () => {
  /** Everything, a page at a time. */
  async function pages(queue: Queue, status: Parameters<Queue["list"]>[0], options: { newest?: boolean; full?: boolean } = {}) {
    const all = [];
    for (let offset = 0; ; offset += 7) {
      const { total, jobs } = await queue.list(status, { offset, limit: 7, ...options });
      all.push(...jobs);
      if (jobs.length === 0) return { total, jobs: all };
    }
  }

  test("have each job once, in the order of the whole", async () => {
    let clock = 1_700_000_000_000;
    const queue = queueOf({ now: () => clock++ });
    for (let n = 0; n < 30; n++) await queue.add("n", n, { id: `job-${n}`, priority: n % 3 === 0 ? -1 : 0 });
    const first = [...Array(30).keys()].filter((n) => n % 3 === 0);
    const rest = [...Array(30).keys()].filter((n) => n % 3 !== 0);
    const order = [...first, ...rest].map((n) => `job-${n}`);
    const read = await pages(queue, "queued");
    expect([read.total, ids(read)]).toEqual([30, order]);
    expect(ids(await pages(queue, "queued", { newest: true }))).toEqual([...order].reverse());
    const full = await pages(queue, "queued", { full: true });
    expect(full.jobs.map(({ payload }) => payload)).toEqual([...first, ...rest]);
    expect(read.jobs[0]?.payload).toBeUndefined();
  });

  test("have each job once, although some are not where their age would put them", async () => {
    let clock = 1_700_000_000_000;
    const queue = queueOf({ now: () => clock++ });
    for (let n = 0; n < 60; n++) await queue.add("n", n, { id: `job-${n}` });
    for (const store of queue.stores) for (let n = 0; n < 4; n++) await end(store, new Error("no"));
    await queue.replayAll();
    for (const newest of [false, true]) {
      const { total, jobs } = await pages(queue, "queued", { newest });
      expect([total, jobs.length, new Set(ids({ jobs })).size]).toEqual([60, 60, 60]);
    }
  });

  test("show what is due first, and what died last", async () => {
    let clock = 1_700_000_000_000;
    const queue = queueOf({ now: () => clock });
    const later = [5, 3, 9, 1, 7, 2, 8].map((hours) => ({
      name: "n",
      payload: 0,
      options: { id: `in-${hours}`, delay: hours * hour },
    }));
    await queue.addMany(later);
    expect(ids(await pages(queue, "scheduled"))).toEqual([1, 2, 3, 5, 7, 8, 9].map((hours) => `in-${hours}`));
    await queue.addMany(Array.from({ length: 40 }, (_, payload) => ({ name: "n", payload })));
    const died: string[] = [];
    for (let n = 0; n < 8; n++) {
      clock += 1_000;
      died.unshift(await end(queue.stores[n % 4] as JobStore, new Error("no")));
    }
    expect(ids(await queue.deadLetters())).toEqual(died);
  });

  test("may begin far behind", async () => {
    const queue = await filled(1_100, { partitions: 2 });
    const { total, jobs } = await queue.list("queued", { offset: 1_090, limit: 100 });
    expect([total, jobs.length, new Set(ids({ jobs })).size]).toEqual([1_100, 10, 10]);
    expect((await queue.list("queued", { offset: 2_000 })).jobs).toEqual([]);
  });

  test("are refused when they could not be read", async () => {
    await expect(queueOf().list("queued", { offset: -1 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(queueOf().list("queued", { limit: 1_001 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });
});

describe("how a queue is divided", () => {
  test("is asked once, and again after it could not be asked", async () => {
    const queue = queueOf();
    const away = vi.spyOn(redis, "send").mockRejectedValueOnce(new Error("away"));
    await expect(queue.add("n", 1)).rejects.toThrow("away");
    away.mockRestore();
    await queue.add("n", 1);
    await redis.send(["HSET", `jobs:{${queue.name}}:meta`, "partitions", "5"], { resend: "ok" });
    await queue.add("n", 2); // it has asked
    await expect(queueOf({}).agree()).resolves.toBeUndefined();
    await expect(new Queue(redis, queue.name, { partitions }).add("n", 3)).rejects.toMatchObject({ code: "JOB_PARTITIONS" });
    expect((await queue.stats()).queued).toBe(2);
  });

  test("is asked for by who adds to it undivided, too: nobody would take the job", async () => {
    const queue = await filled(1);
    const undivided = new Queue(redis, queue.name);
    await expect(undivided.add("n", 1)).rejects.toMatchObject({ code: "JOB_PARTITIONS", asked: 1, partitions });
    expect((await undivided.stats()).queued).toBe(0);
  });

  test("is told with the key that notes it", async () => {
    await using own = await connect(server.url, { prefix: "shop" });
    const { name } = queueOf();
    await new Queue(own, name, { partitions: 2 }).agree();
    const told = new Queue(own, name, { partitions: 3 }).agree();
    await expect(told).rejects.toThrow(`of the hash shop:jobs:{${name}}:meta.`);
  });

  test("is not decided by who does not divide it", async () => {
    const queue = queueOf();
    await new Queue(redis, queue.name).agree();
    await expect(queue.agree()).resolves.toBeUndefined();
  });

  test.each([0, 1_025, 1.5, "2"])("is refused if it cannot be: %j", (count) => {
    expect(() => queueOf({ partitions: count as number })).toThrow(/Queue\.partitions must be a whole number/);
  });
});
