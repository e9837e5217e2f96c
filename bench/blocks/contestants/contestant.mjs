/**
 * What is asked of a contestant. One file each, used as its own documentation says. Those called "tuned" have what else their
 * documentation offers for speed; targets are for the others.
 *
 * @typedef {{ url: string, host: string, port: number }} Target
 *
 * @typedef {object} Contestant
 * @property {string} title
 * @property {string} [package] whose version is told
 * @property {string} [remark] what a reader of the table must know
 * @property {(target: Target, ...rest: any[]) => Promise<RateLimit | Lock | Cache | Breaker>} open connects. A cache is given its
 *   tiers: `"both"`, `"small"` if its memory has room for one value, or `"redis"`; a breaker what it calls
 *
 * @typedef {object} RateLimit
 * @property {(name: string, limit: number) => (identity: string) => Promise<boolean>} limiter so many an hour for each identity;
 *   answers whether a call is allowed
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Lock
 * @property {(resource: string) => Promise<() => Promise<unknown>>} acquire answers what releases it
 * @property {(resource: string) => Promise<boolean>} isHeld by trying to take it, without waiting
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Cache
 * @property {(key: string, factory: () => Promise<{ n: number }>) => Promise<{ n: number }>} getOrSet
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Breaker
 * @property {() => Promise<unknown>} execute
 * @property {() => Promise<number>} [counted] how many calls it has counted
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Bench
 * @property {Contestant} contestant
 * @property {Target} target
 * @property {import("ioredis").Redis} redis for questions to the server, beside the contestant's own connections
 * @property {number} ops
 */

/** The contestants of each block. redlua comes first: ratios are to it. */
const contestants = {
  "rate-limit": ["redlua", "rate-limiter-flexible", "rate-limiter-flexible-tuned"],
  lock: ["redlua", "redis-semaphore", "redlock"],
  cache: ["redlua", "bentocache", "bentocache-tuned"],
  breaker: ["redlua", "opossum", "cockatiel", "nothing"],
};

/** No library, but a measure of what any could do: asked only if named, and there for some blocks. */
export const bare = "bare";
const haveBare = ["lock", "cache"];

/** @param {string} block @param {readonly string[]} more */
export function contestantsOf(block, more) {
  return [...contestants[block], ...(haveBare.includes(block) ? more : [])];
}

/** @returns {Promise<Contestant>} */
export async function load(block, name) {
  const { contestant } = await import(`./${block}/${name}.mjs`);
  return contestant;
}
