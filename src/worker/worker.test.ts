import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gate, heard, settled, work } from "../../test/support/working.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { bytes, type Codec, type Job, Queue, type QueueOptions } from "../jobs/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { cancel, type Handler, retryAfter, snooze, unrecoverable, Worker } from "./index.ts";

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

const soon: QueueOptions = { backoff: { base: 0, jitter: "none" } };
const queueOf = (options: QueueOptions = {}): Queue => new Queue(redis, `w-${randomUUID()}`, options);

/** Runs one job, and tells how it went. */
async function runOne(handler: Handler, queue = queueOf(), options = {}): Promise<Record<string, unknown>> {
  const { id } = await queue.add("n", { n: 1 }, { maxRetries: 1, ...options });
  const worker = new Worker(queue, handler, { stopTimeout: 0 });
  const over = settled(worker);
  await worker.start();
  const { status, error } = await over;
  await worker.stop();
  return { status, error, job: await queue.get(id) };
}

describe("what a handler returns", () => {
  test.each([
    ["from a promise", async () => ({ ok: true })],
    ["at once", () => ({ ok: true })],
    [
      "from what is waited for like a promise and is none, as queries of some libraries are",
      // biome-ignore lint/suspicious/noThenProperty: that is what it is about
      () => ({ then: (resolve: (value: unknown) => void) => resolve({ ok: true }) }),
    ],
  ])("is the job's result: %s", async (_, handler) => {
    expect(await runOne(handler)).toMatchObject({ status: "completed", job: { status: "completed", result: { ok: true } } });
  });

  test("may be nothing, or bytes of nothing", async () => {
    expect(await runOne(() => undefined)).toMatchObject({ job: { status: "completed", result: undefined } });
    const raw = queueOf({ codec: bytes });
    await raw.add("n", new Uint8Array(1));
    const worker = await work(raw, () => new Uint8Array(0));
    expect(await settled(worker)).toMatchObject({ status: "completed" });
  });

  test("fails the job for good if it cannot be stored", async () => {
    expect(await runOne(() => 1n)).toMatchObject({ status: "failed", job: { error: { code: "INPUT_INVALID" } } });
    const small = queueOf({ maxBytes: 100 });
    expect(await runOne(() => "x".repeat(100), small)).toMatchObject({
      status: "failed",
      job: { error: { code: "JOB_TOO_LARGE" } },
    });
  });
});

test("what a handler throws, now or later, fails the attempt", async () => {
  const thrown = new RangeError("no");
  const now: Handler = () => {
    throw thrown;
  };
  const later: Handler = async () => {
    throw thrown;
  };
  for (const handler of [now, later]) {
    const outcome = await runOne(handler);
    expect(outcome).toMatchObject({
      status: "scheduled",
      job: { retryCount: 1, error: { name: "RangeError", message: "no", attempt: 1 } },
    });
    expect(outcome["error"]).toBe(thrown);
  }
});

/** Runs a job that fails for good, then another on the same worker, and answers what the first died of. */
async function failureOfOne(handler: Handler): Promise<Job["error"]> {
  const queue = queueOf();
  await queue.add("bad", 1, { id: "bad", maxRetries: 0 });
  await queue.add("good", 1, { id: "good" });
  await work(queue, { bad: handler, good: () => "fine" }, { concurrency: 1 });
  expect(await queue.wait("good", { timeout: "10s" })).toMatchObject({ status: "completed", result: "fine" });
  const bad = await queue.get("bad");
  expect(bad?.status).toBe("failed");
  return bad?.error;
}

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

test.each<[string, unknown, object]>([
  ["an error without a message", Object.assign(new Error("no"), { message: undefined }), { name: "Error", message: "" }],
  ["an error whose name is no text", Object.assign(new Error("no"), { name: 7 }), { name: "Error", message: "no" }],
  ["what is no text at all", Object.create(null), { message: expect.stringContaining("cannot be read") }],
  ["a proxy that was revoked", revoked, { message: expect.stringContaining("cannot be read") }],
  ["a directive about one", unrecoverable("no", revoked), { message: "no" }],
])("%s, thrown now or later, fails the attempt, and the worker goes on", async (_, thrown, failure) => {
  const now: Handler = () => {
    throw thrown;
  };
  expect(await failureOfOne(now)).toMatchObject(failure);
  expect(await failureOfOne(() => Promise.reject(thrown))).toMatchObject(failure);
});

test("an answer that throws when it is looked at fails the attempt, and the worker goes on", async () => {
  const odd: Handler = () => ({
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    get then() {
      throw new RangeError("look away");
    },
  });
  expect(await failureOfOne(odd)).toMatchObject({ name: "RangeError", message: "look away" });
});

test("a promise that throws when it is waited for fails the attempt, and the worker goes on", async () => {
  const then = (): never => {
    throw new RangeError("wait for others");
  };
  const odd: Handler = () => Object.assign(Promise.resolve(1), { then });
  expect(await failureOfOne(odd)).toMatchObject({ name: "RangeError", message: "wait for others" });
});

test.each<[string, Handler]>([
  ["snooze", () => snooze(1e16)],
  ["retryAfter", () => retryAfter("99999999999w", "busy")],
])("%s for longer than a date holds fails the attempt, and the worker goes on", async (_, handler) => {
  expect(await failureOfOne(handler)).toMatchObject({ code: "INPUT_INVALID", message: expect.stringContaining("delay") });
});

describe.each([
  [
    "thrown",
    (wish: () => unknown) => (): never => {
      throw wish();
    },
  ],
  [
    "thrown later",
    (wish: () => unknown) => async (): Promise<never> => {
      throw wish();
    },
  ],
  ["returned", (wish: () => unknown) => (): unknown => wish()],
  ["returned later", (wish: () => unknown) => async (): Promise<unknown> => wish()],
] as const)("a wish that is %s", (_, tell) => {
  test("retryAfter uses an attempt and says when", async () => {
    const outcome = await runOne(tell(() => retryAfter("1h", "busy")));
    expect(outcome).toMatchObject({ status: "scheduled", job: { retryCount: 1, error: { message: "busy" } } });
    const { retryDelayUntil, lastUpdatedAt } = outcome["job"] as { retryDelayUntil: number; lastUpdatedAt: number };
    expect(retryDelayUntil - lastUpdatedAt).toBe(3_600_000);
  });

  test("retryAfter without retries left is a dead letter", async () => {
    expect(
      await runOne(
        tell(() => retryAfter(0, "busy")),
        queueOf(),
        { maxRetries: 0 },
      ),
    ).toMatchObject({ status: "failed" });
  });

  test("snooze uses no attempt", async () => {
    const outcome = await runOne(tell(() => snooze("1h")));
    expect(outcome).toMatchObject({ status: "scheduled", job: { retryCount: 0, error: undefined } });
  });

  test("unrecoverable is a dead letter, whatever retries are left", async () => {
    expect(await runOne(tell(() => unrecoverable("no use")))).toMatchObject({
      status: "failed",
      job: { retryCount: 0, error: { message: "no use" } },
    });
  });

  test("cancel ends the job as canceled", async () => {
    expect(await runOne(tell(cancel))).toMatchObject({ status: "canceled", job: { status: "canceled" } });
  });
});

describe("a handler is found", () => {
  test("by the job's name, and a name that has none fails the attempt", async () => {
    const queue = queueOf(soon);
    const ran: string[] = [];
    const worker = await work(queue, { a: () => ran.push("a"), b: () => ran.push("b") });
    for (const name of ["b", "a", "toString", "__proto__"]) {
      const over = settled(worker);
      await queue.add(name, 1, { maxRetries: 0 });
      const known = name === "a" || name === "b";
      expect(await over).toMatchObject(
        known ? { status: "completed" } : { status: "failed", error: { code: "WORKER_NO_HANDLER" } },
      );
    }
    expect(ran).toEqual(["b", "a"]);
  });

  test("for every name, if it is one function", async () => {
    const queue = queueOf();
    const names: string[] = [];
    const worker = await work(queue, (job) => names.push(job.name));
    const over = heard(worker, "settled", 2);
    await queue.addMany([
      { name: "x", payload: 1 },
      { name: "y", payload: 1 },
    ]);
    await over;
    expect(names).toEqual(["x", "y"]);
  });
});

test("a payload that the codec cannot read fails the attempt, and the worker goes on", async () => {
  const queue = queueOf();
  const odd: Codec = { encode: () => "{", decode: () => 1 };
  await new Queue(redis, queue.name, { codec: odd }).add("n", 1, { id: "bad", maxRetries: 0 });
  const worker = await work(queue, () => "fine");
  const over = settled(worker);
  await queue.add("n", 1, { id: "good" });
  await over;
  expect(await queue.wait("good")).toMatchObject({ status: "completed" });
  expect(await queue.store.get("bad")).toMatchObject({ status: "failed", error: { name: "SyntaxError" } });
});

describe("concurrency", () => {
  test.each([1, 2, 7, 50])("of %i is reached and never exceeded", async (concurrency) => {
    const queue = queueOf();
    let running = 0;
    let most = 0;
    const full = gate();
    const worker = new Worker(
      queue,
      async () => {
        most = Math.max(most, ++running);
        // Nobody goes on before as many run as may: short handlers would be over before the next are claimed.
        if (running === concurrency) full.open();
        await full.passed;
        await new Promise((done) => setImmediate(done));
        running--;
      },
      { concurrency },
    );
    await queue.addMany(Array.from({ length: 400 }, (_, payload) => ({ name: "n", payload })));
    const over = heard(worker, "settled", 400);
    await worker.start();
    await over;
    await worker.stop();
    expect(most).toBe(concurrency);
    expect(await queue.stats()).toMatchObject({ completed: 400, inProgress: 0 });
  });

  test("is shared by two workers about evenly", async () => {
    const queue = queueOf();
    await queue.addMany(Array.from({ length: 400 }, (_, payload) => ({ name: "n", payload })));
    const counts = [0, 0];
    const all = gate();
    let left = 400;
    const handler =
      (index: number): Handler =>
      async () => {
        (counts as [number, number])[index as 0]++;
        await queue.stats();
        if (--left === 0) all.open();
      };
    await Promise.all([0, 1].map((index) => work(queue, handler(index), { concurrency: 5 })));
    await all.passed;
    for (const count of counts) expect(count).toBeGreaterThan(100);
  });
});

test("progress is noted, the last of many in a few round trips; what JSON cannot hold is not, and harms nobody", async () => {
  const queue = queueOf();
  const noted: boolean[] = [];
  const told: unknown[] = [];
  const done = gate();
  const worker = await work(queue, async (_, { progress }) => {
    const many = Array.from({ length: 100 }, (_, step) => progress({ step }));
    noted.push(...(await Promise.all([...many, progress(1n)])));
    await done.passed;
  });
  worker.on("error", (event) => told.push(event));
  const { id } = await queue.add("n", 1);
  await expect.poll(() => noted.length, { interval: 5 }).toBe(101);
  expect([noted.filter((each) => each).length, noted.at(-1)]).toEqual([100, false]);
  expect(await queue.get(id)).toMatchObject({ status: "in-progress", progress: { step: 99 } });
  const over = settled(worker);
  done.open();
  await over;
  expect(told).toEqual([]);
});

test("a running job that is canceled is told at once, and its slot is free", async () => {
  const queue = queueOf();
  const begun = gate();
  let toldAt = 0;
  const never = new Promise(() => {});
  const worker = await work(
    queue,
    async ({ payload }, { signal }) => {
      if (payload === "next") return;
      signal.addEventListener("abort", () => (toldAt = performance.now()));
      begun.open();
      await never;
    },
    { concurrency: 1 },
  );
  const aborted = heard(worker, "aborted");
  const { id } = await queue.add("n", "first");
  await queue.add("n", "next", { id: "next" });
  await begun.passed;
  const canceledAt = performance.now();
  await queue.cancel(id);
  expect(await aborted).toMatchObject([{ job: { id }, reason: { code: "JOB_CANCELED" } }]);
  expect(toldAt - canceledAt).toBeLessThan(500);
  expect(await queue.wait("next", { timeout: "5s" })).toMatchObject({ status: "completed" });
  expect(await queue.get(id)).toMatchObject({ status: "canceled" });
});

test("a job is run once for each attempt that it has, and then no more", async () => {
  const queue = queueOf(soon);
  const attempts: number[] = [];
  const worker = await work(queue, (_, { attempt }) => {
    attempts.push(attempt);
    throw new Error("no");
  });
  const over = heard(worker, "settled", 4);
  const { id } = await queue.add("n", 1);
  expect((await over).map(({ status }) => status)).toEqual(["queued", "queued", "queued", "failed"]);
  expect(attempts).toEqual([1, 2, 3, 4]);
  expect((await queue.get(id))?.errors.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
});

test.each([
  ["an option, misspelt", { concurency: 5 }, "OPTION_UNKNOWN", 'Did you mean "concurrency"'],
  ["a concurrency of nothing", { concurrency: 0 }, "OPTION_INVALID", "Worker.concurrency"],
  ["a lease below a second", { lease: 999 }, "OPTION_INVALID", "Worker.lease"],
  ["a lease that no timer can hold", { lease: "60d" }, "OPTION_INVALID", "Worker.lease"],
  ["a timeout that no timer can hold", { timeout: "60d" }, "OPTION_INVALID", "Worker.timeout"],
  ["a time to stop that is none", { stopTimeout: "soon" }, "OPTION_INVALID", "Worker.stopTimeout"],
  ["an empty id", { id: "" }, "OPTION_INVALID", "Worker.id"],
])("%s is refused, by name", (_, options, code, says) => {
  expect(() => new Worker(queueOf(), () => 1, options as object)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(says) }),
  );
});

test("a worker of what is no queue is refused", () => {
  const others: readonly unknown[] = [undefined, queueOf().store, "mail"];
  for (const other of others) expect(() => new Worker(other as never, () => 1)).toThrow("Worker takes a Queue first");
});

test.each([[undefined], [{}], [{ a: 5 }], ["fast"]])("handlers that are none are refused: %o", (handlers) => {
  expect(() => new Worker(queueOf(), handlers as never)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
});
