/** What is measured of a circuit breaker: what it costs while all is well. */
import { drive, timed, warmUps } from "./load.mjs";

/**
 * Calls a second by one caller, of what answers at once and never fails.
 *
 * @param {import("./contestants/contestant.mjs").Bench} bench
 */
export async function breaker({ contestant, target, redis, ops }) {
  let runs = 0;
  const opened = await contestant.open(target, async () => ++runs);
  const warm = warmUps.inMemory;
  await drive({ callers: 1, ops: warm, call: opened.execute });
  const result = await timed(redis, { callers: 1, ops, call: opened.execute });
  // Asked before it is closed: who counts calls has counted these.
  const counted = await opened.counted?.();
  await opened.close();
  if (runs !== warm + ops) throw new Error(`${warm + ops} calls were made, and ${runs} ran`);
  if (counted !== undefined && counted !== runs) throw new Error(`${runs} calls ran, and the breaker counted ${counted}`);
  return result;
}
