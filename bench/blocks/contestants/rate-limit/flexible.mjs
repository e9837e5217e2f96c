/** rate-limiter-flexible on a client of ioredis. */
import { once } from "node:events";
import { RateLimiterRedis } from "rate-limiter-flexible";

/**
 * @param {import("ioredis").Redis} client
 * @param {(limit: number) => object} more options
 * @returns {Promise<import("../contestant.mjs").RateLimit>}
 */
export async function open(client, more) {
  await once(client, "ready");
  return {
    limiter(name, limit) {
      const limiter = new RateLimiterRedis({
        storeClient: client,
        keyPrefix: name,
        points: limit,
        duration: 3_600,
        ...more(limit),
      });
      return async (identity) => {
        try {
          await limiter.consume(identity);
          return true;
        } catch (denial) {
          // A denial is thrown, and is no error.
          if (denial instanceof Error) throw denial;
          return false;
        }
      };
    },
    close: async () => client.disconnect(),
  };
}
