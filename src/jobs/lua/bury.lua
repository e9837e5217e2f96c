--- @include live-on

--- Makes a job a dead letter: kept for a while, listed, replayable.
local function bury(queue, id, now, keep_ms)
  local key = queue.job .. id
  redis.call("HSET", key, "status", "failed", "completedAt", now, "lastUpdatedAt", now)
  redis.call("PEXPIRE", key, keep_ms)
  redis.call("ZADD", queue.dead, now, id)
  live_on(queue.dead, keep_ms)
  redis.call("HINCRBY", queue.meta, "failed", 1)
  return "failed"
end
