--- @include live-on

--- Ends a job as canceled; it is kept as long as a completed one.
local function cancel_job(queue, id, now, keep_ms)
  local key = queue.job .. id
  redis.call("HSET", key, "status", "canceled", "completedAt", now, "lastUpdatedAt", now)
  redis.call("PEXPIRE", key, keep_ms)
  redis.call("ZADD", queue.done, now + keep_ms, id)
  live_on(queue.done, keep_ms)
  redis.call("HINCRBY", queue.meta, "canceled", 1)
  return "canceled"
end
