--- A server that is short of memory may have evicted one of the keys: what is left of the others is worth nothing, and goes.
--- Answers whether it did.
local function drop_torn(cache)
  local count = redis.call("HLEN", cache.data)
  local counted = redis.call("HMGET", cache.stats, "bytes", "timed")
  local whole = count == redis.call("ZCARD", cache.index) and tonumber(counted[2] or 0) == redis.call("ZCARD", cache.expiry)
  if whole and (count == 0 or counted[1]) then return false end
  redis.call("UNLINK", cache.data, cache.index, cache.expiry)
  redis.call("HDEL", cache.stats, "bytes", "timed")
  return true
end
