import { connect } from "../../../../dist/index.js";
import { RateLimiter } from "../../../../dist/rate-limit/index.js";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "redlua",
  package: "redlua",
  remark: "gcra, which is its default; denials are remembered for a second, by default too",

  async open({ url }) {
    const redis = await connect(url);
    return {
      limiter(name, limit) {
        const limiter = new RateLimiter(redis, { name, limit, per: "1h", onUnavailable: "closed" });
        return async (identity) => {
          const decision = await limiter.consume(identity);
          if (decision.outcome === "degraded") throw decision.error;
          return decision.allowed;
        };
      },
      close: () => redis.close(),
    };
  },
};
