import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Redis } from "ioredis";

const script = {
  acquire: `
    if not redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", 30000) then return 0 end
    local time = redis.call("TIME")
    local token = time[1] * 1000000 + time[2]
    redis.call("SET", KEYS[2], string.format("%.0f", token), "GET", "PX", 86400000)
    return token`,
  release: `
    if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call("DEL", KEYS[1])
    redis.call("PUBLISH", KEYS[1], "freed")
    return 1`,
};

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "bare scripts",
  remark: "no lock library, but two scripts that write what redlua writes, on the same client",

  async open({ host, port }) {
    const client = new Redis({ host, port });
    await once(client, "ready");
    const acquireSha = await client.script("LOAD", script.acquire);
    const releaseSha = await client.script("LOAD", script.release);
    const take = async (resource) => {
      const owner = randomUUID();
      const lease = `lock:{${resource}}`;
      const token = await client.evalsha(acquireSha, 2, lease, `${lease}:fence`, owner);
      return { token, release: () => client.evalsha(releaseSha, 1, lease, owner) };
    };
    return {
      acquire: async (resource) => (await take(resource)).release,
      async isHeld(resource) {
        const { token, release } = await take(resource);
        await release();
        return token === 0;
      },
      close: async () => client.disconnect(),
    };
  },
};
