/** Load a script on every primary ahead of its first call; and watch what its calls cost. */
import { subscribe } from "node:diagnostics_channel";
import { connect } from "redlua";
import { defineScript, prepare, type ScriptEvent } from "redlua/script";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

subscribe("redlua:script:run", (message) => {
  const { script, outcome, durationMs, retries } = message as ScriptEvent;
  console.log(`${script}: ${outcome}, ${durationMs < 1000 ? "fast" : "slow"}, sent again ${retries} times`);
});

const visit = defineScript({
  name: "page.visit",
  keys: { visits: "string" },
  args: { keep: "duration" },
  reply: "integer",
  writes: "once",
  lua: `
    local visits = redis.call("INCR", KEYS[1])
    if visits == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
    return visits`,
});

const prepared = await prepare(redis, visit);
const key = { visits: "visits" };
console.log("visits:", await prepared.run(key, { keep: "1m" }));
console.log("visits:", await prepared.run(key, { keep: "1m" }));

await redis.close();

// Output:
// page.visit: ok, fast, sent again 0 times
// visits: 1
// page.visit: ok, fast, sent again 0 times
// visits: 2
