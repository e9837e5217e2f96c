import { once } from "node:events";
import { Redis } from "ioredis";
import { Mutex } from "redis-semaphore";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "redis-semaphore",
  package: "redis-semaphore",
  remark: "Mutex; extended by itself, no fencing token",

  async open({ host, port }) {
    const client = new Redis({ host, port });
    await once(client, "ready");
    return {
      async acquire(resource) {
        const mutex = new Mutex(client, resource);
        await mutex.acquire();
        return () => mutex.release();
      },
      async isHeld(resource) {
        const mutex = new Mutex(client, resource, { acquireAttemptsLimit: 1 });
        const granted = await mutex.tryAcquire();
        if (granted) await mutex.release();
        return !granted;
      },
      close: async () => client.disconnect(),
    };
  },
};
