/** A call that fails says what happened, on which line, and whether something may have been changed. */
import { connect } from "redlua";
import { defineScript, tryRun } from "redlua/script";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const renew = defineScript({
  name: "lease.renew",
  keys: { lease: "string" },
  args: { owner: "string", hold: "duration" },
  reply: "integer",
  writes: "idempotent",
  lua: `
    local owner = redis.call("GET", KEYS[1])
    if owner ~= ARGV[1] then return redis.error_reply("LEASE_LOST it is held by " .. (owner or "nobody")) end
    return redis.call("PEXPIRE", KEYS[1], ARGV[2])`,
});

const lost = await tryRun(redis, renew, { lease: "lease:1" }, { owner: "me", hold: "30s" });
if (!lost.ok) console.log(lost.error.code, "-", lost.error.message);

const half = defineScript({
  name: "order.book",
  keys: { order: "string" },
  args: {},
  reply: "integer",
  writes: "once",
  lua: `redis.call("SET", KEYS[1], "booked", "EX", 60)
return redis.call("HINCRBY", KEYS[1], "times", 1)`,
});

const failed = await tryRun(redis, half, { order: "order:1" }, {});
if (!failed.ok) {
  const { code, script, line, applied } = failed.error;
  console.log(`${code} in ${script}, line ${line}; applied: ${applied}`);
}

await redis.close();

// Output:
// LEASE_LOST - Script lease.renew: LEASE_LOST it is held by nobody
// WRONGTYPE in order.book, line 2; applied: maybe
