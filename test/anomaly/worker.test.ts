import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { join } from "node:path";
import fc from "fast-check";
import { connect, type RedisPort } from "redlua/client";
import { Queue } from "redlua/jobs";
import type { ScriptEvent } from "redlua/script";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "redlua/testing";
import { Worker } from "redlua/worker";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { gate, heard, work } from "../support/working.ts";

let server: RedisServer;
let proxy: FaultProxy;
/** Looks at the server without the proxy in between. */
let witness: RedisPort;
let proxied: RedisPort;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  process.on("unhandledRejection", onRejection);
  server = await startRedis();
  proxy = await startFaultProxy({ target: server });
  [witness, proxied] = await Promise.all([connect(server.url), connect(proxy.url)]);
});
afterAll(async () => {
  await Promise.all([witness.close(), proxied.close(), proxy.close()]);
  await server.stop();
  process.off("unhandledRejection", onRejection);
  expect(rejections).toEqual([]);
});
beforeEach(() => proxy.heal());

interface Seen {
  /** How often each job was run. */
  readonly runs: Map<string, number>;
  readonly handler: (job: { readonly id: string }) => Promise<string>;
}

/** A handler that counts, and takes a round of the event loop. */
function counting(): Seen {
  const runs = new Map<string, number>();
  const handler = async ({ id }: { readonly id: string }): Promise<string> => {
    runs.set(id, (runs.get(id) ?? 0) + 1);
    await new Promise((done) => setImmediate(done));
    return id;
  };
  return { runs, handler };
}

/** Whether the ids of jobs were chosen: those of others are added in batches, wait in a list, and are listed when they are completed. */
const kinds = [
  ["whose ids the queue chose", false],
  ["whose ids somebody chose", true],
] as const;

async function queueOf(jobs: number, chosen = false, over: RedisPort = witness): Promise<Queue> {
  const queue = new Queue(over, `w-${randomUUID()}`);
  await addJobs(queue, jobs, chosen);
  return queue;
}

async function addJobs(queue: Queue, jobs: number, chosen: boolean): Promise<void> {
  await queue.addMany(ids(jobs).map((id) => ({ name: "n", payload: id, ...(chosen ? { options: { id } } : {}) })));
}

const ids = (jobs: number): readonly string[] => Array.from({ length: jobs }, (_, index) => `${index}`);

/** Resolves when every job has ended. */
async function drained(queue: Queue, jobs: number, timeout = 20_000): Promise<void> {
  await expect.poll(async () => (await queue.stats()).completed, { timeout, interval: 20 }).toBe(jobs);
}

/** What a queue leaves whose jobs have all completed: each once, and no key that the design does not name, or that stays. */
async function expectAllDone(queue: Queue, jobs: number, chosen = false, over: RedisPort = witness): Promise<void> {
  const { name } = queue;
  const none = { queued: 0, scheduled: 0, inProgress: 0, failed: 0, canceled: 0, dead: 0, paused: false };
  expect(await new Queue(over, name).stats()).toEqual({ ...none, completed: jobs });
  const look = `local kinds = {}
    for _, key in ipairs(redis.call("KEYS", ARGV[1])) do
      local kind = string.sub(key, #ARGV[1]):gsub("^job:.*", "job") .. (redis.call("PTTL", key) > 0 and " expires" or " stays")
      local jobs = kind:find("^plain") and redis.call("HLEN", key) or kind:find("^course") and redis.call("HLEN", key) or 1
      kinds[kind] = (kinds[kind] or 0) + jobs
    end
    local flat = {}
    for kind, count in pairs(kinds) do flat[#flat + 1] = kind .. ": " .. count end
    table.sort(flat)
    return flat`;
  const kinds = (await over.send(["EVAL", look, "0", `jobs:{${name}}:*`], { resend: "ok" })) as string[];
  const left = Object.fromEntries(kinds.map((kind) => kind.split(": ")));
  // A few were told of twice, failed first, or were extended: those are not folded any more.
  const hashes = Number(left["job expires"] ?? 0);
  const folded = String(jobs - hashes);
  const inHashes = hashes === 0 ? {} : { "job expires": String(hashes), "done expires": "1" };
  expect(left).toEqual({
    ...inHashes,
    "plain expires": folded,
    "course expires": folded,
    [chosen ? "done expires" : "past expires"]: "1",
    "meta stays": "1",
  });
}

const times = ({ runs }: Seen): readonly number[] => [...runs.values()];

describe("a worker process that is killed", () => {
  test.each(kinds)(
    "in the middle of ten thousand jobs %s loses none, and another runs again only what it had in its hands",
    {
      timeout: 30_000,
    },
    async (_, chosen) => {
      const jobs = 10_000;
      const queue = await queueOf(jobs, chosen);
      const program = join(import.meta.dirname, "worker-program.mjs");
      const start = () => {
        const child = fork(program, [server.url, queue.name, "50"], { execArgv: [] });
        onTestFinished(() => void child.kill("SIGKILL"));
        return child;
      };
      const first = start();
      await expect.poll(async () => (await queue.stats()).completed, { interval: 2, timeout: 10_000 }).toBeGreaterThan(1_000);
      first.kill("SIGKILL");
      await once(first, "exit");
      expect((await queue.stats()).completed).toBeLessThan(jobs);
      const second = start();
      await drained(queue, jobs);
      second.kill("SIGTERM");
      expect(await once(second, "exit")).toEqual([0, null]);
      await expectAllDone(queue, jobs, chosen);
      const runs = ((await witness.send(["HVALS", `ran:${queue.name}`], { resend: "ok" })) as string[]).map(Number);
      expect(runs.length).toBe(jobs);
      expect(Math.max(...runs)).toBeLessThanOrEqual(2);
      // Those that ran twice were being run, or told of, when the first was killed: two turns, and what they asked for.
      expect(runs.filter((count) => count === 2).length).toBeLessThanOrEqual(150);
    },
  );
});

test("a program whose handler never ends exits by itself once its worker has stopped, and its job waits for another", async () => {
  const queue = await queueOf(0);
  const child = fork(join(import.meta.dirname, "stuck-program.mjs"), [server.url, queue.name], { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await queue.stats()).toMatchObject({ queued: 1, inProgress: 0 });
});

describe.each(kinds)("jobs %s are run once each, and all of them", (_, chosen) => {
  test("although the scripts are flushed again and again", async () => {
    const jobs = 3_000;
    const queue = await queueOf(jobs, chosen);
    const seen = counting();
    await work(queue, seen.handler, { concurrency: 50 });
    while ((await queue.stats()).completed < jobs) await witness.send(["SCRIPT", "FLUSH"], { resend: "ok" });
    expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
    await expectIdle(queue, jobs, chosen);
  });

  test.each([0, 1, 2, 5])("although the reply of a turn is lost, whichever it is: after %i", async (after) => {
    const jobs = 300;
    const queue = await queueOf(jobs, chosen);
    const seen = counting();
    const own = new Queue(proxied, queue.name);
    await own.agree(); // or a worker does when it starts, and that is no turn
    const worker = new Worker(own, seen.handler, { concurrency: 20, lease: "1h" });
    const told = heard(worker, "recovered");
    const dropped = proxy.dropNextReply({ of: "EVALSHA", after });
    await worker.start();
    await dropped;
    await drained(queue, jobs);
    await told;
    await worker.stop();
    expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
    await expectAllDone(queue, jobs, chosen);
  });

  test("although every connection is killed in the middle, more than once", async () => {
    const jobs = 3_000;
    const queue = await queueOf(jobs, chosen);
    const seen = counting();
    const own = await connect(server.url);
    onTestFinished(() => own.close());
    const worker = await work(new Queue(own, queue.name), seen.handler, { concurrency: 20, lease: "1h" });
    const events: string[] = [];
    worker.on("error", () => events.push("error"));
    worker.on("recovered", () => events.push("recovered"));
    for (const done of [300, 1_200, 2_100]) {
      await expect.poll(async () => (await queue.stats()).completed, { interval: 2 }).toBeGreaterThan(done);
      for (const type of ["normal", "pubsub"])
        await witness.send(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"], { resend: "ok" });
    }
    await drained(queue, jobs);
    expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
    expect(events).toEqual(Array.from({ length: events.length / 2 }, () => ["error", "recovered"]).flat());
    // It hears again what it is told.
    await idle(queue);
    const over = heard(worker, "settled");
    await queue.add("n", 1, chosen ? { id: "after" } : undefined);
    await over;
    await worker.stop();
    await expectAllDone(queue, jobs + 1, chosen);
  });
});

test("of a queue in partitions each job is run once, although turns fail and replies are lost everywhere", async () => {
  const jobs = 200;
  const plan = fc.array(fc.constantFrom("fine", "refused", "lost", "late"), { minLength: 5, maxLength: 40 });
  const run = async (faults: readonly string[], concurrency: number, chosen: boolean): Promise<void> => {
    const queue = new Queue(witness, `w-${randomUUID()}`, { partitions: 3 });
    await addJobs(queue, jobs, chosen);
    const left = [...faults];
    for (const store of queue.stores) {
      const step = store.step.bind(store);
      store.step = async (...request) => {
        const fault = left.shift();
        if (fault === "refused") throw new Error("refused");
        const reply = await step(...request);
        if (fault === "late") await new Promise((resolve) => setImmediate(resolve));
        if (fault === "lost") throw new Error("lost");
        return reply;
      };
    }
    const seen = counting();
    let most = 0;
    let running = 0;
    const handler: Seen["handler"] = async (job) => {
      most = Math.max(most, ++running);
      const answer = await seen.handler(job);
      running--;
      return answer;
    };
    const worker = await work(queue, handler, { concurrency, lease: "1h" });
    await drained(queue, jobs);
    await worker.stop();
    expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
    expect(most).toBeLessThanOrEqual(concurrency);
    expect(await queue.stats()).toMatchObject({ queued: 0, inProgress: 0 });
  };
  await fc.assert(fc.asyncProperty(plan, fc.integer({ min: 1, max: 30 }), fc.boolean(), run), {
    numRuns: 8,
    seed: 11,
    // It once lost what a lost reply had claimed for slots that others had taken meanwhile.
    examples: [
      [["refused", "refused", "lost", "refused", "fine", "lost"], 13, false],
      [["refused", "refused", "lost", "refused", "fine", "lost"], 13, true],
    ],
  });
}, 60_000);

describe("a worker comes back by itself", () => {
  test.each(kinds)(
    "when Redis is killed and started again, with jobs %s",
    async (_, chosen) => {
      const jobs = 3_000;
      const mortal = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
      const port = await connect(mortal.url);
      onTestFinished(async () => {
        await port.close();
        await mortal.stop();
      });
      const queue = await queueOf(jobs, chosen, port);
      const seen = counting();
      const killed = gate();
      // However late the kill comes, there are jobs left, and turns that it hits.
      const handler: Seen["handler"] = async (job) => {
        if (seen.runs.size >= 1_000) await killed.passed;
        return await seen.handler(job);
      };
      const worker = await work(queue, handler, { concurrency: 20, lease: "1h" });
      const events: string[] = [];
      worker.on("error", () => events.push("error"));
      worker.on("recovered", () => events.push("recovered"));
      await expect.poll(() => seen.runs.size, { interval: 2 }).toBeGreaterThan(500);
      await mortal.kill();
      killed.open();
      await expect.poll(() => events).toEqual(["error"]);
      await mortal.restart();
      await drained(queue, jobs);
      expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
      expect(events).toEqual(["error", "recovered"]);
      await worker.stop();
      await expectAllDone(queue, jobs, chosen, port);
    },
    60_000,
  );

  test("when its connection was a black hole for a while; its jobs were not lost to it", async () => {
    const jobs = 500;
    const queue = await queueOf(jobs);
    const seen = counting();
    const worker = await work(new Queue(proxied, queue.name), seen.handler, { concurrency: 20, lease: "2s" });
    await expect.poll(() => seen.runs.size, { interval: 2 }).toBeGreaterThan(100);
    const told = heard(worker, "error");
    proxy.blackHole();
    await told;
    const back = heard(worker, "recovered");
    await proxy.heal();
    const [event] = await back;
    expect(event?.failures).toBeGreaterThan(0);
    expect(event?.outageMs).toBeGreaterThan(0);
    await drained(queue, jobs);
    expect(seen.runs.size).toBe(jobs);
    await worker.stop();
    await expectAllDone(queue, jobs);
  });

  test("and says once that Redis is away, and once that it is back, however often it tries", async () => {
    const queue = await queueOf(1);
    const begun = gate();
    const finish = gate();
    const worker = await work(
      new Queue(proxied, queue.name),
      async () => {
        begun.open();
        await finish.passed;
      },
      { lease: "1s" },
    );
    const events: string[] = [];
    worker.on("error", () => events.push("error"));
    const back = heard(worker, "recovered");
    await begun.passed;
    proxy.refuse();
    proxy.reset();
    const tries = failedTurns(3);
    finish.open();
    await tries;
    await proxy.heal();
    expect((await back)[0]?.failures).toBeGreaterThanOrEqual(3);
    await drained(queue, 1);
    expect(events).toEqual(["error"]);
  });
});

describe("a Redis that is full", () => {
  test("refuses new jobs by name, loses none that it has, and the worker goes on when there is room again", async () => {
    const full = await startRedis();
    const port = await connect(full.url);
    onTestFinished(async () => {
      await port.close();
      await full.stop();
    });
    const room = (bytes: string): Promise<unknown> => port.send(["CONFIG", "SET", "maxmemory", bytes], { resend: "ok" });
    const jobs = 200;
    const queue = await queueOf(jobs, false, port);
    const finish = gate();
    const seen = counting();
    const worker = new Worker(
      queue,
      async (job) => {
        await finish.passed;
        return await seen.handler(job);
      },
      { concurrency: 10 },
    );
    await worker.start();
    await expect.poll(async () => (await queue.stats()).inProgress, { interval: 2 }).toBe(10);
    const told = heard(worker, "error");
    await room("1");
    finish.open();
    expect(await told).toMatchObject([{ error: { code: "OOM", applied: "no" } }]);
    await expect(queue.add("n", 1)).rejects.toMatchObject({ code: "OOM", applied: "no" });
    expect(await queue.stats()).toMatchObject({ queued: jobs - 10, inProgress: 10, completed: 0 });
    await room("0");
    await drained(queue, jobs);
    await worker.stop();
    expect([seen.runs.size, Math.max(...times(seen))]).toEqual([jobs, 1]);
    await expectAllDone(queue, jobs, false, port);
  });
});

test("a job that cannot be added fails within the connection's time, and its producer knows that it was not", async () => {
  const impatient = await connect(proxy.url, { timeout: 200 });
  onTestFinished(() => impatient.close());
  const queue = new Queue(impatient, `w-${randomUUID()}`);
  await queue.add("n", 1);
  proxy.refuse();
  proxy.reset();
  await expect.poll(() => proxy.connections, { interval: 5 }).toBe(0);
  const startedAt = performance.now();
  const adds = await Promise.allSettled(ids(100).map((id) => queue.add("n", id, { id })));
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  for (const add of adds)
    expect(add).toMatchObject({ status: "rejected", reason: { code: "CLIENT_UNAVAILABLE", applied: "no" } });
  await proxy.heal();
  // waits: the client comes back after a pause of its own, which may be longer than the 200 ms of a call
  const again = (): Promise<unknown> => queue.add("n", 1, { id: "0" }).catch((error: unknown) => error);
  await expect.poll(again, { timeout: 10_000 }).toEqual({ id: "0", created: true });
  expect(await queue.stats()).toMatchObject({ queued: 2 });
});

test.each(kinds)(
  "two workers whose connections are cut at random lose no jobs %s, and complete none twice",
  {
    timeout: 30_000,
  },
  async (_, chosen) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const [pauses] = fc.sample(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 40, maxLength: 40 }), {
      seed,
      numRuns: 1,
    }) as [number[]];
    const jobs = 2_000;
    const queue = await queueOf(jobs, chosen);
    const seen = counting();
    const ports = await Promise.all([connect(proxy.url), connect(proxy.url)]);
    onTestFinished(() => Promise.all(ports.map((port) => port.close())).then(() => {}));
    const completions = new Map<string, number>();
    const workers = await Promise.all(
      ports.map((port) => work(new Queue(port, queue.name), seen.handler, { concurrency: 8, lease: "1s", stopTimeout: "5s" })),
    );
    for (const worker of workers) {
      worker.on("settled", ({ job, status }) => {
        if (status === "completed") completions.set(job.id, (completions.get(job.id) ?? 0) + 1);
      });
    }
    for (const pause of pauses) {
      const { completed } = await queue.stats();
      if (completed === jobs) break;
      if (pause % 4 === 0) void proxy.dropNextReply({ of: "EVALSHA", after: pause % 3 });
      else proxy.reset();
      await expect
        .poll(async () => (await queue.stats()).completed, { interval: 2, timeout: 5_000 })
        .toBeGreaterThan(Math.min(completed + pause, jobs - 1));
    }
    await drained(queue, jobs);
    await Promise.all(workers.map((worker) => worker.stop()));
    await expectAllDone(queue, jobs, chosen);
    expect(seen.runs.size, `SEED=${seed}`).toBe(jobs);
    expect(
      [...completions.values()].filter((count) => count > 1),
      `SEED=${seed}`,
    ).toEqual([]);
  },
);

/** Resolves when so many turns have failed. */
async function failedTurns(count: number): Promise<void> {
  const runs = channel("redlua:script:run");
  let failed = 0;
  await new Promise<void>((resolve) => {
    const hear = (event: unknown): void => {
      const { script, outcome } = event as ScriptEvent;
      if (script !== "jobs.step" || outcome !== "error" || ++failed < count) return;
      runs.unsubscribe(hear);
      resolve();
    };
    runs.subscribe(hear);
  });
}

/** Resolves when some worker is noted as idle. */
async function idle({ store }: Queue): Promise<void> {
  const count = (): Promise<unknown> => witness.send(["ZCARD", store.keys.idle], { resend: "ok" });
  await expect.poll(count, { interval: 5 }).toBeGreaterThan(0);
}

/** As {@link expectAllDone}, while a worker still waits for more. */
async function expectIdle(queue: Queue, jobs: number, chosen: boolean): Promise<void> {
  await idle(queue);
  await witness.send(["DEL", queue.store.keys.idle], { resend: "ok" });
  await expectAllDone(queue, jobs, chosen);
}
