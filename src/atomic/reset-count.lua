--- Forget a counter, and answer what it had come to.
---
--- @key    counter  hash      value, resetAt
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  bigint
--- @writes once

local counter, now_given = KEYS[1], ARGV[1]

--- @include now

local stored = redis.call("HMGET", counter, "value", "resetAt")
redis.call("UNLINK", counter)
if tonumber(stored[2] or 0) <= now_ms(now_given) then return "0" end
return stored[1]
