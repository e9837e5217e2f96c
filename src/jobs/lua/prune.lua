--- Drops up to `limit` ended jobs of a set: those whose time is up, then the oldest beyond `count`. Answers how many.
local function prune(set, job, limit, expired, count)
  local ids = redis.call("ZRANGEBYSCORE", set, "-inf", string.format("%.0f", expired), "LIMIT", "0", limit)
  local excess = math.min(redis.call("ZCARD", set) - count, limit)
  -- What has expired comes first in the set, so it is among the excess.
  if excess > #ids then ids = redis.call("ZRANGE", set, 0, excess - 1) end
  if #ids == 0 then return 0 end
  local keys = {}
  for index, id in ipairs(ids) do keys[index] = job .. id end
  redis.call("UNLINK", unpack(keys))
  -- They are the first of the set.
  redis.call("ZREMRANGEBYRANK", set, 0, #ids - 1)
  return #ids
end
