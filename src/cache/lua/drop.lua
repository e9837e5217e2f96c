--- Takes one key out of a bounded cache: out of everything that knows it, so that no ghost is left.
local function drop(cache, key)
  local size = redis.call("HSTRLEN", cache.data, key)
  redis.call("ZREM", cache.index, key)
  redis.call("ZREM", cache.expiry, key)
  if redis.call("HDEL", cache.data, key) == 0 then return 0 end
  redis.call("HINCRBY", cache.stats, "bytes", -size - #key)
  return 1
end
