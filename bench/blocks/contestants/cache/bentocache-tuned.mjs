import { memoryDriver } from "bentocache/drivers/memory";
import { open } from "./bento.mjs";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "the same, tuned",
  remark: "without the bus, so memory is not told what other processes change; values in memory are shared, not copied",

  open: (target, tiers) =>
    open(target, (store) =>
      tiers === "redis" ? store : store.useL1Layer(memoryDriver({ maxItems: tiers === "small" ? 1 : 10_000, serialize: false })),
    ),
};
