/** One measure of one contestant, in a process of its own: see `inChild` in ../measure.mjs. */
import { Redis } from "ioredis";
import { load } from "./contestants/contestant.mjs";
import { idle } from "./idle-worker.mjs";
import * as measures from "./measures.mjs";

// Whoever started this process is gone, and nobody will hear of a result.
process.on("disconnect", () => process.exit(1));

const { contestant, measure, argument, target, jobs } = JSON.parse(process.argv[2]);
const all = { ...measures, idle };
try {
  const redis = new Redis(target.port, target.host);
  const result = await all[measure]({ contestant: await load(contestant), target, redis, jobs }, argument);
  const { user, system } = process.cpuUsage();
  process.send({ result, cpuMs: (user + system) / 1_000 }, () => process.exit(0));
} catch (error) {
  process.send({ error: error.stack ?? String(error) }, () => process.exit(1));
}
