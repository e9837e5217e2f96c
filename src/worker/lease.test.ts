import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { gate, heard, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { Queue } from "../jobs/index.ts";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";

let server: RedisServer;
let proxy: FaultProxy;
/** Looks at the server without the proxy in between. */
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
beforeEach(() => proxy.heal());

/** The same queue, seen through the proxy and without. */
function queues(): { readonly behind: Queue; readonly queue: Queue } {
  const name = `w-${randomUUID()}`;
  return { behind: new Queue(proxied, name), queue: new Queue(redis, name) };
}

const leaseOf = async ({ store }: Queue, id: string): Promise<number> =>
  Number(await redis.send(["ZSCORE", store.keys.leased, id], { resend: "ok" }));

test("a lease is extended for as long as its job runs", async () => {
  const { queue } = queues();
  const finish = gate();
  const worker = await work(queue, () => finish.passed, { lease: "1s" });
  const { id } = await queue.add("n", 1);
  await expect.poll(() => leaseOf(queue, id), { interval: 5 }).toBeGreaterThan(0);
  const first = await leaseOf(queue, id);
  // Longer than a lease, and nobody may take it back.
  await expect.poll(() => leaseOf(queue, id), { interval: 20, timeout: 5_000 }).toBeGreaterThan(first + 1_000);
  expect(await queue.store.recoverStuck()).toMatchObject({ recovered: 0 });
  const over = settled(worker);
  finish.open();
  expect(await over).toMatchObject({ status: "completed", job: { recoveryCount: 0 } });
});

test("a job that was taken from its worker is aborted there, and its late result is refused", async () => {
  const { queue } = queues();
  const finish = gate();
  const reason = gate<unknown>();
  const worker = await work(
    queue,
    async (_, { signal }) => {
      signal.addEventListener("abort", () => reason.open(signal.reason));
      await finish.passed;
      return "late";
    },
    { lease: "1s", concurrency: 1 },
  );
  const { id } = await queue.add("n", 1);
  await expect.poll(() => leaseOf(queue, id), { interval: 5 }).toBeGreaterThan(0);
  await queue.pause();
  await redis.send(["ZADD", queue.store.keys.leased, "1", id], { resend: "ok" });
  expect(await queue.store.recoverStuck()).toMatchObject({ recovered: 1 });
  const claim = await queue.store.claim(id, { worker: "other" });
  if (!claim.claimed) throw new Error(claim.reason);
  expect(await reason.passed).toMatchObject({ code: "JOB_LEASE_LOST", id });
  finish.open();
  expect(await queue.store.complete({ id, token: claim.token }, '"in time"')).toBe("completed");
  await worker.stop();
  expect(await queue.get(id)).toMatchObject({ status: "completed", result: "in time", workerId: "other" });
});

test("a worker that hears nothing any more stops its jobs before anybody else gets them", async () => {
  const { behind, queue } = queues();
  const begun = gate();
  const events: string[] = [];
  const late = gate();
  const worker = await work(
    behind,
    async (_, { signal }) => {
      signal.addEventListener("abort", () => events.push(`aborted: ${(signal.reason as { code: string }).code}`));
      begun.open();
      await late.passed;
      return "late";
    },
    { lease: "1s", concurrency: 1 },
  );
  const { id } = await queue.add("n", 1);
  await begun.passed;
  const aborted = heard(worker, "aborted");
  proxy.blackHole();
  const other = await work(
    queue,
    () => {
      events.push("run elsewhere");
      return "in time";
    },
    { lease: "1s" },
  );
  const over = settled(other);
  expect(await over).toMatchObject({ status: "completed", job: { id, recoveryCount: 1 } });
  await aborted;
  expect(events).toEqual(["aborted: JOB_LEASE_LOST", "run elsewhere"]);
  late.open();
  await proxy.heal();
  await worker.stop();
  expect(await queue.get(id)).toMatchObject({ status: "completed", result: "in time" });
});

test("an outcome that cannot be told keeps its lease while Redis is away, is told when it is back, and aborts nothing", async () => {
  const { behind, queue } = queues();
  const begun = gate();
  const finish = gate();
  const worker = await work(
    behind,
    async () => {
      begun.open();
      await finish.passed;
      return "done";
    },
    { lease: "1s", concurrency: 1 },
  );
  const aborted: unknown[] = [];
  worker.on("aborted", (event) => aborted.push(event));
  const { id } = await queue.add("n", 1);
  await begun.passed;
  const told = heard(worker, "error");
  proxy.refuse();
  proxy.reset();
  const over = settled(worker);
  finish.open();
  await told;
  const lease = await leaseOf(queue, id);
  // Until the lease has lapsed; nobody is there to take the job back.
  await expect.poll(() => Date.now(), { interval: 20, timeout: 3_000 }).toBeGreaterThan(lease);
  await proxy.heal();
  expect(await over).toMatchObject({ status: "completed" });
  expect(aborted).toEqual([]);
});

test("what a worker claims after an outage longer than its lease is its own for a whole lease", async () => {
  const { behind, queue } = queues();
  const finish = gate();
  const begun = gate();
  const aborted: unknown[] = [];
  const worker = await work(
    behind,
    async () => {
      begun.open();
      await finish.passed;
    },
    { lease: "1s", concurrency: 1 },
  );
  worker.on("aborted", (event) => aborted.push(event));
  const told = heard(worker, "error");
  proxy.refuse();
  proxy.reset();
  await told;
  await queue.add("n", 1, { id: "a" });
  const wentAwayAt = Date.now();
  await expect.poll(() => Date.now() - wentAwayAt, { interval: 20, timeout: 3_000 }).toBeGreaterThan(1_200);
  await proxy.heal();
  await begun.passed;
  const over = settled(worker);
  const first = await leaseOf(queue, "a");
  await expect.poll(() => leaseOf(queue, "a"), { interval: 20, timeout: 5_000 }).toBeGreaterThan(first);
  finish.open();
  expect(await over).toMatchObject({ status: "completed" });
  expect(aborted).toEqual([]);
});

test("two workers of one name, one of them thought dead, do not pass for each other", async () => {
  const { queue } = queues();
  const finish = gate();
  const begun = gate();
  const first = await work(
    queue,
    async () => {
      begun.open();
      await finish.passed;
      return "late";
    },
    { id: "same", concurrency: 1, lease: "1m" },
  );
  const { id } = await queue.add("n", 1);
  await begun.passed;
  await redis.send(["ZADD", queue.store.keys.leased, "1", id], { resend: "ok" });
  const second = await work(queue, () => "in time", { id: "same", concurrency: 1, lease: "1m" });
  expect(await settled(second)).toMatchObject({ status: "completed", job: { id } });
  const over = settled(first);
  finish.open();
  expect(await over).toMatchObject({ status: "lost" });
  expect(await queue.get(id)).toMatchObject({ result: "in time" });
});

test("a worker that is given its own job anew, because the server's clock jumped, keeps it and stops the first run", async () => {
  const { queue } = queues();
  const runs: AbortSignal[] = [];
  const finish = gate();
  await work(
    queue,
    async (_, { signal }) => {
      runs.push(signal);
      await finish.passed;
      return runs.indexOf(signal);
    },
    { lease: "3s", concurrency: 2 },
  );
  const { id } = await queue.add("n", 1);
  await expect.poll(() => runs.length, { interval: 5 }).toBe(1);
  // Adding wakes the worker, whose turn takes back what has lapsed. At once, before it is extended.
  await Promise.all([redis.send(["ZADD", queue.store.keys.leased, "1", id], { resend: "ok" }), queue.add("n", 2)]);
  await expect.poll(() => runs.length, { interval: 5 }).toBeGreaterThan(1);
  const again = await leaseOf(queue, id);
  expect(runs[0]?.reason).toMatchObject({ code: "JOB_LEASE_LOST", id });
  // It is extended like any other.
  await expect.poll(() => leaseOf(queue, id), { interval: 20, timeout: 5_000 }).toBeGreaterThan(again + 1_000);
  expect(runs[1]?.aborted).toBe(false);
  finish.open();
  expect(await queue.wait(id)).toMatchObject({ status: "completed", result: 1, recoveryCount: 1 });
});
