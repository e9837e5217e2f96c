/** Many calls in one round trip, in order. Each has an outcome of its own. */
import { connect } from "redlua";
import { call, defineScript, runBatch } from "redlua/script";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const earn = defineScript({
  name: "points.earn",
  keys: { points: "string" },
  args: { count: "integer" },
  reply: { record: { total: "integer" } },
  writes: "once",
  lua: `
    if tonumber(ARGV[1]) < 1 then return redis.error_reply("POINTS_NONE nothing to earn") end
    local total = redis.call("INCRBY", KEYS[1], ARGV[1])
    redis.call("EXPIRE", KEYS[1], 60)
    return { total }`,
});

// All keys of a batch share a slot: here they share the tag {team}.
const ada = { points: "points:{team}:ada" };
const bob = { points: "points:{team}:bob" };
const outcomes = await runBatch(redis, [
  call(earn, ada, { count: 3 }),
  call(earn, bob, { count: 0 }),
  call(earn, ada, { count: 4 }),
]);
for (const outcome of outcomes) console.log(outcome.ok ? `total ${outcome.value.total}` : outcome.error.code);

await redis.close();

// Output:
// total 3
// POINTS_NONE
// total 7
