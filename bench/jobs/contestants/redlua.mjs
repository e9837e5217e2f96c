import { connect } from "../../../dist/index.js";
import { Queue } from "../../../dist/jobs/index.js";
import { Worker } from "../../../dist/worker/index.js";

const options = { keepCompleted: { count: 10_000_000 } };

/** @type {import("./contestant.mjs").Contestant} */
export const contestant = {
  title: "redlua",
  keeps: "job and result",

  async produce({ url }, name) {
    const redis = await connect(url);
    const queue = new Queue(redis, name, options);
    return {
      add: async (payload) => (await queue.add("send", payload)).id,
      addBulk: async (payloads) =>
        (await queue.addMany(payloads.map((payload) => ({ name: "send", payload })))).map(({ id }) => id),
      resultOf: async (id) => (await queue.get(id))?.result,
      close: () => redis.close(),
    };
  },

  async consume({ url }, name, concurrency, handler) {
    const redis = await connect(url);
    const worker = new Worker(new Queue(redis, name, options), (job) => handler(job.payload), { concurrency });
    await worker.start();
    return {
      close: async () => {
        await worker.stop();
        await redis.close();
      },
    };
  },

  countFinished: (name) => ["LLEN", `jobs:{${name}}:past`],
};
