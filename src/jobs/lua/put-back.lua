--- Puts a job back in line: at its old place, or after a delay. Answers its new status.
local function put_back(queue, id, order, now, delay_ms)
  local key = queue.job .. id
  if delay_ms > 0 then
    local due = now + delay_ms
    redis.call("HSET", key, "status", "scheduled", "retryDelayUntil", due, "lastUpdatedAt", now)
    redis.call("ZADD", queue.scheduled, due, id)
    return "scheduled"
  end
  redis.call("HSET", key, "status", "queued", "lastUpdatedAt", now)
  redis.call("ZADD", queue.ready, order, id)
  return "queued"
end
