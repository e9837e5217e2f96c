--- Drops up to `limit` ended jobs of a set: those whose time is up, then the oldest beyond `count`. Answers how many.
local function prune(set, job, limit, expired, count)
  local ids = redis.call("ZRANGEBYSCORE", set, "-inf", expired, "LIMIT", 0, limit)
  if #ids == 0 then
    local excess = redis.call("ZCARD", set) - count
    if excess <= 0 then return 0 end
    ids = redis.call("ZRANGE", set, 0, math.min(excess, limit) - 1)
  end
  local keys = {}
  for index, id in ipairs(ids) do keys[index] = job .. id end
  redis.call("UNLINK", unpack(keys))
  redis.call("ZREM", set, unpack(ids))
  return #ids
end
