import { once } from "node:events";
import { FlowProducer, type Job, Queue, QueueEvents, UnrecoverableError, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Listening, patience, servers } from "./support/servers.ts";

describe.each(servers)("BullMQ on %s", (_, start) => {
  let server: Listening;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let count = 0;
  const closing = <T extends { close(): Promise<unknown> }>(part: T): T => {
    onTestFinished(async () => void (await part.close()));
    return part;
  };
  const connection = (): { host: string; port: number; maxRetriesPerRequest: null } => ({
    host: "127.0.0.1",
    port: server.port,
    maxRetriesPerRequest: null,
  });

  interface Setting {
    readonly queue: Queue;
    readonly events: QueueEvents;
    readonly work: (handle: (job: Job) => Promise<unknown>, options?: object) => Worker;
  }

  async function queueing(): Promise<Setting> {
    const name = `queue${++count}`;
    const queue = closing(new Queue(name, { connection: connection() }));
    const events = closing(new QueueEvents(name, { connection: connection() }));
    await events.waitUntilReady();
    const work: Setting["work"] = (handle, options) =>
      closing(new Worker(name, handle, { connection: connection(), ...options }));
    return { queue, events, work };
  }

  test("jobs that are added one by one and in bulk are worked on, so many at once, and tell so", async () => {
    const { queue, events, work } = await queueing();
    let active = 0;
    let activeMax = 0;
    const heard: string[] = [];
    events.on("completed", ({ jobId, returnvalue }) => heard.push(`${jobId}=${JSON.stringify(returnvalue)}`));
    await queue.add("one", { n: 0 }, { jobId: "j0" });
    await queue.addBulk(
      Array.from({ length: 99 }, (_, n) => ({ name: "many", data: { n: n + 1 }, opts: { jobId: `j${n + 1}` } })),
    );
    expect(await queue.getJobCounts("waiting", "active", "completed")).toEqual({ waiting: 100, active: 0, completed: 0 });
    let full = (): void => {};
    const eight = new Promise<void>((resolve) => {
      full = resolve;
    });
    const worker = work(
      async (job) => {
        activeMax = Math.max(activeMax, ++active);
        if (active === 8) full();
        await eight;
        active--;
        return { twice: job.data.n * 2 };
      },
      { concurrency: 8 },
    );
    await once(worker, "drained");
    await expect.poll(() => heard.length, patience).toBe(100);
    expect(heard.toSorted()).toEqual(Array.from({ length: 100 }, (_, n) => `j${n}={"twice":${n * 2}}`).toSorted());
    expect(activeMax).toBe(8);
    expect(await queue.getJobCounts("waiting", "active", "completed")).toEqual({ waiting: 0, active: 0, completed: 100 });
  });

  test("a job that fails is tried again after its backoff, and fails for good after its attempts", async () => {
    const { queue, events, work } = await queueing();
    const seen: string[] = [];
    work(async (job) => {
      seen.push(`${job.name} ${job.attemptsMade}`);
      if (job.name === "hopeless") throw new UnrecoverableError("never");
      if (job.name === "twice" && job.attemptsMade === 1) return "well";
      throw new Error(`try ${job.attemptsMade}`);
    });
    const options = { attempts: 3, backoff: { type: "exponential", delay: 10 } };
    const outcomes = await Promise.allSettled([
      queue.add("twice", {}, options).then((job) => job.waitUntilFinished(events)),
      queue.add("always", {}, options).then((job) => job.waitUntilFinished(events)),
      queue.add("hopeless", {}, options).then((job) => job.waitUntilFinished(events)),
    ]);
    expect(outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason.message))).toEqual([
      "well",
      "try 2",
      "never",
    ]);
    expect(seen.toSorted()).toEqual(["always 0", "always 1", "always 2", "hopeless 0", "twice 0", "twice 1"]);
    const [failed] = (await queue.getFailed()).filter((job) => job.name === "always");
    expect(failed?.attemptsMade).toBe(3);
    await failed?.retry();
    await expect.poll(() => seen.filter((each) => each.startsWith("always")).length, patience).toBeGreaterThan(3);
  });

  test("delayed jobs come when they are due, and priorities in their order", async () => {
    const { queue, work } = await queueing();
    const delayed = await queue.add("delayed", {}, { delay: 150 });
    const later = await queue.add("later", {}, { delay: 60_000 });
    for (const priority of [30, 10, 20, 10]) await queue.add(`priority ${priority}`, {}, { priority });
    await queue.add("first", {});
    expect(await queue.getJobCounts("waiting", "delayed", "prioritized")).toEqual({ waiting: 1, delayed: 2, prioritized: 4 });
    const seen: string[] = [];
    work(async (job) => void seen.push(job.name));
    await expect.poll(() => seen, patience).toContain("delayed");
    await expect.poll(() => seen.length, patience).toBe(6);
    const inOrder = ["first", "priority 10", "priority 10", "priority 20", "priority 30"];
    expect(seen.filter((name) => name !== "delayed")).toEqual(inOrder);
    const processedOn = (await queue.getJob(delayed.id as string))?.processedOn as number;
    expect(processedOn - delayed.timestamp).toBeGreaterThanOrEqual(150);
    await later.promote();
    await expect.poll(() => seen, patience).toContain("later");
  });

  test("progress, logs, removal, pause, draining and obliteration", async () => {
    const { queue, events, work } = await queueing();
    const progress: unknown[] = [];
    events.on("progress", ({ data }) => progress.push(data));
    const removed = await queue.add("removed", {});
    await removed.remove();
    expect(await queue.getJob(removed.id as string)).toBeUndefined();
    await queue.pause();
    await queue.addBulk([1, 2, 3].map((n) => ({ name: "paused", data: { n } })));
    expect(await queue.isPaused()).toBe(true);
    await queue.drain();
    expect(await queue.count()).toBe(0);
    await queue.resume();
    work(async (job) => {
      await job.updateProgress(50);
      await job.updateProgress({ step: "last" });
      await job.log("a line");
      await job.updateData({ n: 8 });
      return "done";
    });
    const job = await queue.add("told", { n: 7 });
    expect(await job.waitUntilFinished(events)).toBe("done");
    expect(progress).toEqual([50, { step: "last" }]);
    expect((await queue.getJobLogs(job.id as string)).logs).toEqual(["a line"]);
    expect((await queue.getJob(job.id as string))?.data).toEqual({ n: 8 });
    expect(await queue.clean(0, 10, "completed")).toEqual([job.id]);
    await queue.add("last", {}, { delay: 60_000 });
    await queue.obliterate({ force: true });
    expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, delayed: 0, completed: 0 });
  });

  test("a schedule makes jobs until it is removed", async () => {
    const { queue, work } = await queueing();
    let ran = 0;
    work(async (job) => {
      expect(job.data).toEqual({ from: "schedule" });
      ran++;
    });
    await queue.upsertJobScheduler("often", { every: 40 }, { name: "tick", data: { from: "schedule" } });
    await queue.upsertJobScheduler("daily", { pattern: "0 3 * * *" }, { name: "night", data: {} });
    expect((await queue.getJobSchedulers()).map(({ key }) => key).toSorted()).toEqual(["daily", "often"]);
    await expect.poll(() => ran, patience).toBeGreaterThanOrEqual(3);
    expect(await queue.removeJobScheduler("often")).toBe(true);
    expect((await queue.getJobSchedulers()).map(({ key }) => key)).toEqual(["daily"]);
  });

  test("a flow's parent waits for its children, and gets what they made", async () => {
    const { queue, events, work } = await queueing();
    const flows = closing(new FlowProducer({ connection: connection() }));
    const queueName = queue.name;
    const children = [1, 2, 3].map((n) => ({ name: "child", queueName, data: { n } }));
    const { job } = await flows.add({ name: "parent", queueName, data: {}, children });
    expect(await job.getState()).toBe("waiting-children");
    work(async (each) => {
      if (each.name === "child") return each.data.n;
      return Object.values<number>(await each.getChildrenValues()).reduce((sum, n) => sum + n, 0);
    });
    expect(await job.waitUntilFinished(events)).toBe(6);
    expect((await flows.getFlow({ id: job.id as string, queueName }))?.children).toHaveLength(3);
  });

  test("a job whose worker stalls is given to another", async () => {
    const { queue, events, work } = await queueing();
    const slow = { stalledInterval: 100, lockDuration: 60, skipLockRenewal: true };
    let runs = 0;
    let wake = (): void => {};
    const first = new Promise<void>((resolve) => {
      wake = resolve;
    });
    work(
      async () => {
        if (++runs === 1) await first;
        return runs;
      },
      { ...slow, concurrency: 2 },
    ).on("error", () => {});
    const job = await queue.add("stalls", {});
    expect(await job.waitUntilFinished(events)).toBe(2);
    wake();
  });

  test("a rate limit holds", async () => {
    const { queue, work } = await queueing();
    await queue.addBulk(Array.from({ length: 6 }, () => ({ name: "limited", data: {} })));
    const at: number[] = [];
    work(async () => void at.push(performance.now()), { limiter: { max: 3, duration: 200 }, concurrency: 10 });
    await expect.poll(() => at.length, patience).toBe(6);
    expect((at[3] as number) - (at[2] as number)).toBeGreaterThan(100);
  });
});
