/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "no breaker",

  open: async (_target, work) => ({ execute: () => work(), close: async () => {} }),
};
