--- Puts up to `limit` jobs that are due in line. Answers how many.
local function promote(queue, now, limit)
  local due = redis.call("ZRANGEBYSCORE", queue.scheduled, "-inf", string.format("%.0f", now), "LIMIT", "0", limit)
  if #due == 0 then return 0 end
  local ready = {}
  for _, id in ipairs(due) do
    local key = queue.job .. id
    local order = redis.call("HGET", key, "order")
    if order then
      redis.call("HSET", key, "status", "queued", "lastUpdatedAt", now)
      ready[#ready + 1] = order
      ready[#ready + 1] = id
    end
  end
  redis.call("ZREMRANGEBYRANK", queue.scheduled, 0, #due - 1)
  if #ready > 0 then redis.call("ZADD", queue.ready, unpack(ready)) end
  return #due
end
