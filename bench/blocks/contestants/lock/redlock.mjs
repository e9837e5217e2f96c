import { once } from "node:events";
import { Redis } from "ioredis";
import Redlock, { ExecutionError } from "redlock";

/** As long as redlua's by default. */
const leaseMs = 30_000;

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "node-redlock",
  package: "redlock",
  remark: "of one node; acquire and release, which do not extend; no fencing token",

  async open({ host, port }) {
    const client = new Redis({ host, port });
    await once(client, "ready");
    const redlock = new Redlock([client]);
    // It tells each refusal here too, and without a listener that ends the process.
    redlock.on("error", () => {});
    return {
      async acquire(resource) {
        const held = await redlock.acquire([resource], leaseMs);
        return () => held.release();
      },
      async isHeld(resource) {
        try {
          const held = await redlock.acquire([resource], leaseMs, { retryCount: 0 });
          await held.release();
          return false;
        } catch (error) {
          if (error instanceof ExecutionError) return true;
          throw error;
        }
      },
      close: async () => client.disconnect(),
    };
  },
};
