/** What is measured of a rate limiter, and the proof that it counted right. */
import { drive, timed, warmUps } from "./load.mjs";

const loads = {
  // Nobody is ever denied.
  many: () => ({ identities: 10_000, limit: 1_000_000 }),
  hot: () => ({ identities: 1, limit: 1_000_000 }),
  // Each identity asks a thousand times and is allowed ten.
  denied: (ops) => ({ identities: Math.max(1, Math.floor(ops / 1_000)), limit: 10 }),
};

/**
 * Calls a second. @param {import("./contestants/contestant.mjs").Bench} bench
 * @param {{ callers: number, load: keyof typeof loads }} how
 */
export async function rateLimit({ contestant, target, redis, ops }, { callers, load }) {
  const opened = await contestant.open(target);
  const { identities, limit } = loads[load](ops);
  const loadOf = (name, count) => {
    const consume = opened.limiter(name, limit);
    const tally = { allowed: 0 };
    const call = async (n) => {
      if (await consume(`user:${n % identities}`)) tally.allowed++;
    };
    return { tally, callers, ops: count, call };
  };
  await drive(loadOf("warm", callers === 1 ? warmUps.alone : warmUps.together));
  const counted = loadOf("timed", ops);
  const result = await timed(redis, counted);
  await opened.close();
  const expected = Math.min(ops, identities * limit);
  if (counted.tally.allowed !== expected) throw new Error(`${counted.tally.allowed} calls were allowed, not ${expected}`);
  return result;
}
