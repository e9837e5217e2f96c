/** One measure of one contestant, in a process of its own: see `inChild` in ../measure.mjs. */
import { Redis } from "ioredis";
import { breaker } from "./breaker.mjs";
import { fill, hit } from "./cache.mjs";
import { load } from "./contestants/contestant.mjs";
import { lock } from "./lock.mjs";
import { rateLimit } from "./rate-limit.mjs";

// Whoever started this process is gone, and nobody will hear of a result.
process.on("disconnect", () => process.exit(1));

const { block, contestant, measure, argument, target, ops } = JSON.parse(process.argv[2]);
const all = { breaker, fill, hit, lock, rateLimit };
try {
  const redis = new Redis(target.port, target.host);
  const result = await all[measure]({ contestant: await load(block, contestant), target, redis, ops }, argument);
  const { user, system } = process.cpuUsage();
  process.send({ result, cpuMs: (user + system) / 1_000 }, () => process.exit(0));
} catch (error) {
  process.send({ error: error.stack ?? String(error) }, () => process.exit(1));
}
