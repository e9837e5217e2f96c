--- Read a value, and let it live at least so long from now.
---
--- @key    value   string    what is read
--- @arg    ttl_ms  duration  a longer TTL stays; a key that had none has one then
--- @reply  bytes?
--- @writes idempotent

local value, ttl_ms = KEYS[1], tonumber(ARGV[1])

local current = redis.call("GET", value)
if current and redis.call("PTTL", value) < ttl_ms then redis.call("PEXPIRE", value, ttl_ms) end
return current
