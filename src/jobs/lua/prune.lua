--- @include forget-lines

--- Drops the first ended jobs of a set, which `ids` are.
local function drop_first(queue, set, ids)
  if #ids == 0 then return end
  local keys = {}
  for index, id in ipairs(ids) do keys[index] = queue.job .. id end
  redis.call("UNLINK", unpack(keys))
  forget_lines(queue, ids)
  redis.call("ZREMRANGEBYRANK", set, 0, #ids - 1)
end

--- Drops up to `limit` ended jobs of a set whose score is `till` or less: their time is up.
local function drop_expired(queue, set, limit, till)
  drop_first(queue, set, redis.call("ZRANGEBYSCORE", set, "-inf", string.format("%.0f", till), "LIMIT", "0", limit))
end

--- Drops the oldest ended jobs of a set, up to `limit` of those beyond `count`.
local function drop_excess(queue, set, limit, count)
  local excess = math.min(redis.call("ZCARD", set) - count, limit)
  if excess > 0 then drop_first(queue, set, redis.call("ZRANGE", set, 0, excess - 1)) end
end
