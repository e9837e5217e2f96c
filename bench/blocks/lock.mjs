/** What is measured of a lock, and the proof that it locks. */
import { drive, timed, warmUps } from "./load.mjs";

/** Resources of each caller, taken in turn. */
const resourcesEach = 20;

/**
 * Times a second that a resource which nobody else wants is locked and unlocked.
 *
 * @param {import("./contestants/contestant.mjs").Bench} bench
 * @param {{ callers: number }} how
 */
export async function lock({ contestant, target, redis, ops }, { callers }) {
  const opened = await contestant.open(target);
  const call = async (n, caller) => {
    const release = await opened.acquire(`${caller}:${n % resourcesEach}`);
    await release();
  };
  await drive({ callers, ops: callers === 1 ? warmUps.alone : warmUps.together, call });
  await prove(opened, "0:0");
  const result = await timed(redis, { callers, ops, call });
  await prove(opened, `${callers - 1}:0`);
  await opened.close();
  return result;
}

/** Free before, refused while it is held, free again. */
async function prove({ acquire, isHeld }, resource) {
  const seen = [await isHeld(resource)];
  const release = await acquire(resource);
  seen.push(await isHeld(resource));
  await release();
  seen.push(await isHeld(resource));
  if (seen.join() !== "false,true,false") throw new Error(`held before, meanwhile and after: ${seen.join(", ")}`);
}
