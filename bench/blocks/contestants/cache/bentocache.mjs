import { memoryDriver } from "bentocache/drivers/memory";
import { redisBusDriver } from "bentocache/drivers/redis";
import { open } from "./bento.mjs";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "BentoCache",
  package: "bentocache",
  remark: "memory, Redis and the bus; a value is computed once in each process, and each hit in memory is a copy",

  open: (target, tiers) =>
    open(target, (store) =>
      tiers === "redis"
        ? store
        : store
            .useL1Layer(memoryDriver({ maxItems: tiers === "small" ? 1 : 10_000 }))
            .useBus(redisBusDriver({ connection: { host: target.host, port: target.port } })),
    ),
};
