--- Gives a key that was just written so many milliseconds, or the TTL that it had ("keep"), or none ("persist").
local function set_ttl(key, ttl)
  if ttl == "persist" then return redis.call("PERSIST", key) end
  if ttl ~= "keep" then return redis.call("PEXPIRE", key, ttl) end
end
