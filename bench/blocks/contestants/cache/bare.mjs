import { once } from "node:events";
import { Redis } from "ioredis";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "bare GET",
  remark: "no cache, but GET, and SET if there is nothing, in JSON; with a Map before them where memory has room",

  async open({ host, port }, tiers) {
    const client = new Redis({ host, port });
    await once(client, "ready");
    const memory = tiers === "both" ? new Map() : undefined;
    return {
      async getOrSet(key, factory) {
        const known = memory?.get(key);
        if (known !== undefined) return known;
        const text = await client.get(key);
        const value = text === null ? await factory() : JSON.parse(text);
        if (text === null) await client.set(key, JSON.stringify(value), "PX", 600_000);
        memory?.set(key, value);
        return value;
      },
      close: async () => client.disconnect(),
    };
  },
};
