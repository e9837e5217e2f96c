import { HybridCache } from "../../../../dist/cache/index.js";
import { connect } from "../../../../dist/index.js";

const memory = { both: { entries: 10_000 }, small: { entries: 1 }, redis: false };

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "redlua",
  package: "redlua",
  remark: "a value is computed once in all processes, and stored under a lease; values in memory are shared, not copied",

  async open({ url }, tiers) {
    const redis = await connect(url);
    const cache = new HybridCache(redis, { ttl: "10m", memory: memory[tiers] });
    await cache.start();
    return {
      getOrSet: (key, factory) => cache.getOrSet(key, factory),
      async close() {
        await cache.stop();
        await redis.close();
      },
    };
  },
};
