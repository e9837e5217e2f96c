/** Callers that ask again as soon as they are answered, and what that took. */

/** Untimed calls before the timed ones, until the JIT has settled: some seconds' work at most, whatever is timed. */
export const warmUps = { alone: 5_000, together: 100_000, inMemory: 200_000 };

/**
 * Makes `ops` calls, by so many callers at once.
 *
 * @param {{ callers: number, ops: number, call: (n: number, caller: number) => Promise<unknown> }} load `n` counts from 0
 */
export async function drive({ callers, ops, call }) {
  let next = 0;
  const one = async (caller) => {
    while (next < ops) await call(next++, caller);
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => one(caller)));
}

/**
 * The same, timed.
 *
 * @param {import("ioredis").Redis} redis
 * @param {Parameters<typeof drive>[0]} load
 * @returns {Promise<Figures>}
 *
 * @typedef {object} Figures All but the first hardly depend on what else the machine does.
 * @property {number} perSecond calls
 * @property {number} nodeUs processor time of this process, a call
 * @property {number} redisUs processor time of the Redis process, a call
 * @property {number} cpuUs both
 * @property {number} reads how often Redis read from a socket, a call: with one caller the round trips
 */
export async function timed(redis, load) {
  const redisBefore = await redisSpent(redis);
  const nodeBefore = process.cpuUsage();
  const startedAt = performance.now();
  await drive(load);
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(nodeBefore);
  const redisAfter = await redisSpent(redis);
  const nodeUs = (user + system) / load.ops;
  const redisUs = (redisAfter.cpuUs - redisBefore.cpuUs) / load.ops;
  // The second of our two questions is a read too.
  const reads = Math.max(0, redisAfter.reads - redisBefore.reads - 1) / load.ops;
  return { perSecond: load.ops / (tookMs / 1_000), nodeUs, redisUs, cpuUs: nodeUs + redisUs, reads };
}

async function redisSpent(redis) {
  const info = await redis.info();
  const read = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);
  return { cpuUs: 1e6 * (read("used_cpu_user") + read("used_cpu_sys")), reads: read("total_reads_processed") };
}
