import { Queue, Worker } from "bullmq";

/** @type {import("./contestant.mjs").Contestant} */
export const contestant = {
  title: "BullMQ",
  keeps: "job and result",

  async produce({ host, port }, name) {
    const queue = new Queue(name, { connection: { host, port } });
    await queue.waitUntilReady();
    return {
      add: async (payload) => (await queue.add("send", payload)).id,
      addBulk: async (payloads) => (await queue.addBulk(payloads.map((data) => ({ name: "send", data })))).map(({ id }) => id),
      resultOf: async (id) => (await queue.getJob(id))?.returnvalue,
      close: () => queue.close(),
    };
  },

  async consume({ host, port }, name, concurrency, handler) {
    const worker = new Worker(name, (job) => handler(job.data), { connection: { host, port }, concurrency });
    await worker.waitUntilReady();
    return { close: () => worker.close() };
  },

  countFinished: (name) => ["ZCARD", `bull:${name}:completed`],
};
