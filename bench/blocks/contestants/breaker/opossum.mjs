import CircuitBreaker from "opossum";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "opossum",
  package: "opossum",
  remark: "of one process; by default each call has a timer",

  async open(_target, work) {
    const breaker = new CircuitBreaker(work);
    return { execute: () => breaker.fire(), close: async () => breaker.shutdown() };
  },
};
