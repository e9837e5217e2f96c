import { circuitBreaker, handleAll, SamplingBreaker } from "cockatiel";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "cockatiel",
  package: "cockatiel",
  remark: "of one process; its SamplingBreaker",

  async open(_target, work) {
    const policy = circuitBreaker(handleAll, {
      halfOpenAfter: 10_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
    });
    return { execute: () => policy.execute(work), close: async () => {} };
  },
};
