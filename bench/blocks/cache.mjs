/** What is measured of a cache, and the proof that it answered from where it should. */
import { payloadOf } from "../jobs/work.mjs";
import { drive, timed, warmUps } from "./load.mjs";

/** Cached values that are asked for in turn. */
const keys = 1_000;

/**
 * Hits a second, in memory or in Redis. A factory that runs fails the turn.
 *
 * @param {import("./contestants/contestant.mjs").Bench} bench
 * @param {{ callers: number, tiers: "both" | "small" | "redis" }} how
 */
export async function hit({ contestant, target, redis, ops }, { callers, tiers }) {
  const cache = await contestant.open(target, tiers);
  await drive({ callers, ops: keys, call: (n) => cache.getOrSet(`user:${n}`, async () => payloadOf(n)) });
  const loadOf = (count) => {
    const tally = { sum: 0 };
    const call = async (n) => {
      const value = await cache.getOrSet(`user:${n % keys}`, ran);
      tally.sum += value.n;
    };
    return { tally, callers, ops: count, call };
  };
  await drive(loadOf(tiers === "both" ? warmUps.inMemory : callers === 1 ? warmUps.alone : warmUps.together));
  const load = loadOf(ops);
  const result = await timed(redis, load);
  await cache.close();
  const expected = Array.from({ length: ops }, (_, n) => n % keys).reduce((sum, n) => sum + n, 0);
  if (load.tally.sum !== expected) throw new Error(`the numbers in the values add up to ${load.tally.sum}, not ${expected}`);
  return result;
}

/** Values a second that nobody has asked for before. @param {import("./contestants/contestant.mjs").Bench} bench */
export async function fill({ contestant, target, redis, ops }, { callers }) {
  const cache = await contestant.open(target, "both");
  const loadOf = (name, count) => {
    const tally = { runs: 0 };
    const call = (n) =>
      cache.getOrSet(`${name}:${n}`, async () => {
        tally.runs++;
        return payloadOf(n);
      });
    return { tally, callers, ops: count, call };
  };
  await drive(loadOf("warm", callers === 1 ? warmUps.alone : warmUps.together));
  const load = loadOf("timed", ops);
  const result = await timed(redis, load);
  await cache.close();
  if (load.tally.runs !== ops) throw new Error(`${ops} values were asked for, and ${load.tally.runs} computed`);
  await prove(contestant, target, ops);
  return result;
}

/** What was filled is in Redis, for another process too. */
async function prove(contestant, target, ops) {
  const other = await contestant.open(target, "redis");
  await drive({
    callers: 10,
    ops: Math.min(ops, 100),
    call: async (n) => {
      const last = ops - 1 - n;
      const value = await other.getOrSet(`timed:${last}`, ran);
      if (value.n !== last) throw new Error(`timed:${last} is ${JSON.stringify(value)}`);
    },
  });
  await other.close();
}

async function ran(context) {
  throw new Error(`a value that was cached is computed again: ${JSON.stringify(context)?.slice(0, 100)}`);
}
