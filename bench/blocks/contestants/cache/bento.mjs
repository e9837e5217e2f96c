/** BentoCache over a client of ioredis. */
import { once } from "node:events";
import { BentoCache, bentostore } from "bentocache";
import { redisDriver } from "bentocache/drivers/redis";
import { Redis } from "ioredis";

/**
 * @param {import("../contestant.mjs").Target} target
 * @param {(store: ReturnType<typeof bentostore>) => ReturnType<typeof bentostore>} more layers than Redis
 * @returns {Promise<import("../contestant.mjs").Cache>}
 */
export async function open({ host, port }, more) {
  const client = new Redis({ host, port });
  await once(client, "ready");
  const store = more(bentostore()).useL2Layer(redisDriver({ connection: client }));
  const cache = new BentoCache({ default: "only", ttl: "10m", stores: { only: store } });
  return {
    getOrSet: (key, factory) => cache.getOrSet({ key, factory }),
    close: () => cache.disconnectAll(),
  };
}
