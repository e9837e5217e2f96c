--- Sets a value for so many milliseconds, or with the TTL that its key has ("keep"), or for ever ("persist").
local function store_value(key, value, ttl)
  if ttl == "persist" then return redis.call("SET", key, value) end
  if ttl == "keep" then return redis.call("SET", key, value, "KEEPTTL") end
  return redis.call("SET", key, value, "PX", ttl)
end
