import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, type RedisPort } from "redlua/client";
import { Queue } from "redlua/jobs";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "redlua/testing";
import { cancel, retryAfter, snooze, unrecoverable, Worker } from "redlua/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stateOf } from "../support/job-queue.ts";

/** `npm run soak` goes on for minutes; here it is a look whether that would be worth it. */
const seconds = Number(process.env["SOAK_SECONDS"] ?? 4);
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

let server: RedisServer;
let witness: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  witness = await connect(server.url);
});
afterAll(async () => {
  await witness.close();
  await server.stop();
});

/** Draws from [0, 1), the same for the same seed. Source: mulberry32, T. Ettinger, 2017. */
function dice(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const handlers = {
  fine: () => "fine",
  later: async () => await new Promise((done) => setImmediate(() => done("later"))),
  fails: () => {
    throw new Error("no");
  },
  sometimes: ({ retryCount }: { readonly retryCount: number }) => {
    if (retryCount === 0) throw retryAfter(20, "not yet");
    return "in the end";
  },
  snoozes: ({ createdAt }: { readonly createdAt: number }) => (Date.now() - createdAt < 200 ? snooze(50) : "awake"),
  hopeless: () => unrecoverable("no use"),
  cancels: () => cancel(),
  hangs: async (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
    await new Promise((done) => signal.addEventListener("abort", done, { once: true })),
} as const;

/** No more is added while so many wait: workers in trouble do less than is added, and at the end all must be done in seconds. */
const backlogMax = 5_000;

/** Names in proportion: most jobs are fine. */
const names = [
  "fine",
  "fine",
  "fine",
  "later",
  "later",
  "later",
  "fails",
  "sometimes",
  "snoozes",
  "hopeless",
  "cancels",
  "hangs",
];

interface Mill {
  readonly proxy: FaultProxy;
  readonly port: RedisPort;
  worker: Worker;
}

test("whatever happens to workers and connections, every job comes to its end, once", {
  timeout: seconds * 1_000 + 60_000,
}, async () => {
  const random = dice(seed);
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low));
  const name = `soak-${randomUUID()}`;
  const keep = { age: "1h", count: 10_000_000 } as const;
  const options = { keepCompleted: keep, keepFailed: keep, maxRecoveries: 1_000, backoff: { base: 10, max: 100 } } as const;
  const queue = new Queue(witness, name, options);
  const ends = new Map<string, number>();
  const start = async (port: RedisPort): Promise<Worker> => {
    const worker = new Worker(new Queue(port, name, options), handlers as never, {
      concurrency: 20,
      lease: "1s",
      timeout: 100,
      stopTimeout: 50,
    });
    worker.on("settled", ({ job, status }) => {
      if (status === "completed") ends.set(job.id, (ends.get(job.id) ?? 0) + 1);
    });
    await worker.start();
    return worker;
  };
  const mills: Mill[] = await Promise.all(
    [1, 2, 3].map(async () => {
      const proxy = await startFaultProxy({ target: server });
      const port = await connect(proxy.url, { timeout: "2s" });
      return { proxy, port, worker: await start(port) };
    }),
  );
  const troubles: ((mill: Mill) => unknown)[] = [
    ({ proxy }) => proxy.reset(),
    ({ proxy }) => void proxy.dropNextReply({ of: "EVALSHA", after: between(0, 4) }),
    ({ proxy }) => proxy.delay(between(1, 60)),
    ({ proxy }) => proxy.blackHole(),
    ({ proxy }) => {
      proxy.refuse();
      proxy.reset();
    },
    ({ proxy }) => proxy.heal(),
    ({ proxy }) => proxy.heal(),
    ({ proxy }) => proxy.heal(),
    () => witness.send(["SCRIPT", "FLUSH"], { resend: "ok" }),
    () => witness.send(["CLIENT", "KILL", "TYPE", "pubsub"], { resend: "ok" }),
    async () => {
      await queue.pause();
      await queue.resume();
    },
    async (mill) => {
      await mill.proxy.heal();
      await mill.worker.stop();
      mill.worker = await start(mill.port);
    },
  ];

  const left = async (): Promise<number> => {
    const { queued, scheduled, inProgress } = await queue.stats();
    return queued + scheduled + inProgress;
  };

  let created = 0;
  const ids: string[] = [];
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt) {
    const one = names[between(0, names.length)] as string;
    // Half of the time all are of one name and nothing else: a batch.
    const plain = random() < 0.5;
    const additions = Array.from({ length: (await left()) < backlogMax ? between(1, 120) : 0 }, () => ({
      name: plain ? one : (names[between(0, names.length)] as string),
      payload: created++,
      options: plain
        ? undefined
        : {
            id: `${created}`,
            priority: between(-1, 2),
            maxRetries: between(0, 3),
            ...(random() < 0.2 ? { delay: between(0, 200) } : {}),
          },
    }));
    ids.push(...(await queue.addMany(additions as never)).map(({ id }) => id));
    if (random() < 0.1) await queue.cancel(ids[between(0, ids.length)] ?? "none");
    await troubles[between(0, troubles.length)]?.(mills[between(0, mills.length)] as Mill);
    // waits: a moment between troubles, so that work is done in between.
    await new Promise((done) => setTimeout(done, between(1, 40)));
  }

  await Promise.all(mills.map(({ proxy }) => proxy.heal()));
  await expect.poll(left, { timeout: 40_000, interval: 50, message: `SEED=${seed}` }).toBe(0);
  await Promise.all(mills.map(({ worker }) => worker.stop()));
  await Promise.all(mills.map(({ port, proxy }) => Promise.all([port.close(), proxy.close()])));

  const { completed, failed, canceled, dead } = await queue.stats();
  expect([completed + failed + canceled, dead], `SEED=${seed}`).toEqual([created, failed]);
  expect(
    [...ends.values()].filter((count) => count > 1),
    `SEED=${seed}`,
  ).toEqual([]);
  const { keys } = queue.store;
  const size = async (set: string): Promise<number> => (await witness.send(["ZCARD", set], { resend: "ok" })) as number;
  const past = (await witness.send(["LLEN", keys.past], { resend: "ok" })) as number;
  expect(past).toBeGreaterThan(0);
  expect([past + (await size(keys.done)), await size(keys.dead), await size(keys.leased), await size(keys.idle)]).toEqual([
    completed + canceled,
    failed,
    0,
    0,
  ]);
  const rest = [keys.ready, keys.fresh, keys.vacant, keys.batches, keys.scheduled];
  expect(await witness.send(["EXISTS", ...rest], { resend: "ok" })).toBe(0);
});

test("a worker that runs for long needs no more memory than one that has just begun", {
  timeout: seconds * 1_000 + 60_000,
}, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const queue = new Queue(witness, `soak-${randomUUID()}`, { keepCompleted: { age: "1h", count: 100 } });
  let done = 0;
  const worker = new Worker(
    queue,
    async (_, { signal, progress }) => {
      signal.addEventListener("abort", () => {});
      if (done++ % 50 === 0) await progress(done);
    },
    { concurrency: 100 },
  );
  await worker.start();
  const run = async (jobs: number): Promise<number> => {
    for (let from = 0; from < jobs; from += 1_000) {
      await queue.addMany(Array.from({ length: 1_000 }, (_, payload) => ({ name: "n", payload })));
      const idle = async (): Promise<boolean> => (await queue.stats()).queued + (await queue.stats()).inProgress === 0;
      await expect.poll(idle, { interval: 2, timeout: 20_000 }).toBe(true);
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const batch = seconds > 10 ? 50_000 : 5_000;
  await run(batch);
  const first = await run(batch);
  const last = await run(batch);
  await worker.stop();
  // Two hundred bytes a job would be a leak that is worth finding.
  expect((last - first) / batch).toBeLessThan(200);
  const { jobs, folded } = await stateOf(queue.store);
  expect(Object.keys({ ...jobs, ...folded }).length).toBe(100);
});
