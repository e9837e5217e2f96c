import { CircuitBreaker } from "../../../../dist/breaker/index.js";
import { connect } from "../../../../dist/index.js";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "redlua",
  package: "redlua",
  remark: "shared by all processes through Redis, which is told five times a second",

  async open({ url }, work) {
    const redis = await connect(url);
    // As long a window as the turn may take, so that what it counted can be compared.
    const breaker = new CircuitBreaker(redis, "bench", { window: "10m" });
    return {
      execute: () => breaker.execute(work),
      counted: async () => (await breaker.inspect()).calls,
      async close() {
        await breaker.close();
        await redis.close();
      },
    };
  },
};
