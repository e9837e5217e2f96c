--- Takes one key out of a bounded cache: out of everything that knows it, so that no ghost is left.
local function drop(cache, key)
  -- Counters that the server evicted are begun anew by the next set, and not here.
  local counted = redis.call("HEXISTS", cache.stats, "bytes") == 1
  local size = redis.call("HSTRLEN", cache.data, key)
  redis.call("ZREM", cache.index, key)
  if redis.call("ZREM", cache.expiry, key) == 1 and counted then redis.call("HINCRBY", cache.stats, "timed", -1) end
  if redis.call("HDEL", cache.data, key) == 0 then return 0 end
  if counted then redis.call("HINCRBY", cache.stats, "bytes", -size - #key) end
  return 1
end
