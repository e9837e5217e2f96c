import { connect } from "../../../../dist/index.js";
import { Lock } from "../../../../dist/lock/index.js";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "redlua",
  package: "redlua",
  remark: "each lease has a fencing token, which is one more key; it is extended by itself, and hears when it is revoked",

  async open({ url }) {
    const redis = await connect(url);
    const lock = new Lock(redis);
    return {
      async acquire(resource) {
        const held = await lock.acquire(resource);
        return async () => {
          const outcome = await held.release();
          if (outcome !== "released") throw new Error(`${resource} was ${outcome}`);
        };
      },
      async isHeld(resource) {
        const attempt = await lock.tryAcquire(resource);
        if (attempt.granted) await attempt.held.release();
        return !attempt.granted;
      },
      close: () => redis.close(),
    };
  },
};
