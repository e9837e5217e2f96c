--- Makes room: takes out what has expired, then the least recently used, up to `limit` of each. Answers how many were evicted,
--- and whether more should be. `take_out` is the include `drop`.
local function trim(cache, now, entries, bytes, limit, take_out)
  local expired = redis.call("ZRANGEBYSCORE", cache.expiry, "-inf", math.floor(now / 1000), "LIMIT", 0, limit)
  for _, key in ipairs(expired) do take_out(cache, key) end
  local counts = redis.call("HEXISTS", cache.stats, "bytes") == 1
  if #expired > 0 and counts then redis.call("HINCRBY", cache.stats, "expired", #expired) end
  local evicted, over = 0, true
  for _ = 1, limit + 1 do
    local size = tonumber(redis.call("HGET", cache.stats, "bytes") or 0)
    over = redis.call("ZCARD", cache.index) > entries or (bytes > 0 and size > bytes)
    if not over or evicted == limit then break end
    local oldest = redis.call("ZRANGE", cache.index, 0, 0)[1]
    if not oldest then break end
    take_out(cache, oldest)
    evicted = evicted + 1
  end
  if evicted > 0 and counts then redis.call("HINCRBY", cache.stats, "evictions", evicted) end
  return evicted, over
end
