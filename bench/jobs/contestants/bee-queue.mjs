import BeeQueue from "bee-queue";

/** @type {import("./contestant.mjs").Contestant} */
export const contestant = {
  title: "bee-queue",
  keeps: "job, not its result",
  remark:
    "by default it neither recovers jobs of workers that went away (checkStalledJobs) nor wakes delayed ones, so an idle worker asks nothing",

  async produce({ host, port }, name) {
    // As its documentation sets up producers: nobody here listens to events, so none are asked for.
    const queue = new BeeQueue(name, { redis: { host, port }, isWorker: false, getEvents: false, storeJobs: false });
    await queue.ready();
    return {
      add: async (payload) => (await queue.createJob(payload).save()).id,
      addBulk: async (payloads) => {
        const jobs = payloads.map((payload) => queue.createJob(payload));
        const errors = await queue.saveAll(jobs);
        for (const error of errors.values()) throw error;
        return jobs.map(({ id }) => id);
      },
      resultOf: async () => undefined,
      close: () => queue.close(),
    };
  },

  async consume({ host, port }, name, concurrency, handler) {
    const queue = new BeeQueue(name, { redis: { host, port }, getEvents: false, storeJobs: false });
    await queue.ready();
    queue.process(concurrency, (job) => handler(job.data));
    return { close: () => queue.close() };
  },

  countFinished: (name) => ["SCARD", `bq:${name}:succeeded`],
};
