import type { RedisPort } from "redlua/client";

/**
 * Names of the keys that never expire, on any node: there must be none.
 *
 * @public
 */
export async function keysWithoutTtl(redis: RedisPort): Promise<readonly string[]> {
  const nodes = (await redis.broadcast(["KEYS", "*"], { resend: "ok" })) as readonly (readonly string[])[];
  const keys = nodes.flat();
  const ttls = await Promise.all(keys.map((key) => redis.send(["PTTL", key], { key, resend: "ok" })));
  return keys.filter((_, index) => ttls[index] === -1);
}
