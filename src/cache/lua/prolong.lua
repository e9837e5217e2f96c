--- All keys of a bounded cache end at the same time: so long after it was last used.
local function prolong(cache, now, keep_ms)
  local at = string.format("%.0f", math.floor(now / 1000) + keep_ms)
  redis.call("PEXPIREAT", cache.data, at)
  redis.call("PEXPIREAT", cache.index, at)
  redis.call("PEXPIREAT", cache.expiry, at)
  redis.call("PEXPIREAT", cache.stats, at)
end
