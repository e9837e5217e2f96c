import { Queue, Worker } from "groupmq";
import { Redis } from "ioredis";

/** @type {import("./contestant.mjs").Contestant} */
export const contestant = {
  title: "groupmq",
  keeps: "job and result",
  remark:
    "one job of a group runs at a time, so there are as many groups as jobs may run at once; its bulk is autoBatch of 1,000",

  async produce({ host, port }, name, lanes) {
    const redis = new Redis({ host, port, maxRetriesPerRequest: null });
    const options = { redis, namespace: name, keepCompleted: 10_000_000 };
    const queue = new Queue(options);
    // It has no call that adds many. Batches gathered from single adds are its nearest.
    const batching = new Queue({ ...options, autoBatch: { size: 1_000, maxWaitMs: 10 } });
    const jobOf = (payload) => ({ groupId: `lane-${payload.n % lanes}`, data: payload });
    return {
      add: async (payload) => (await queue.add(jobOf(payload))).id,
      addBulk: async (payloads) =>
        (await Promise.all(payloads.map((payload) => batching.add(jobOf(payload))))).map(({ id }) => id),
      resultOf: async (id) => (await queue.getJob(id)).returnvalue,
      close: async () => {
        await batching.close();
        await queue.close();
        redis.disconnect();
      },
    };
  },

  async consume({ host, port }, name, concurrency, handler) {
    const redis = new Redis({ host, port, maxRetriesPerRequest: null });
    const queue = new Queue({ redis, namespace: name, keepCompleted: 10_000_000 });
    const worker = new Worker({ queue, concurrency, handler: (job) => handler(job.data) });
    return {
      close: async () => {
        await worker.close();
        await queue.close();
        redis.disconnect();
      },
    };
  },

  countFinished: (name) => ["ZCARD", `groupmq:${name}:completed`],
};
