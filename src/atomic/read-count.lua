--- Read a counter.
---
--- @key    counter  hash      value, resetAt
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {value: bigint, reset_at: instant, now_ms: instant}?
--- @writes none

local counter, now_given = KEYS[1], ARGV[1]

--- @include now

local now = now_ms(now_given)
local stored = redis.call("HMGET", counter, "value", "resetAt")
local reset_at = tonumber(stored[2] or 0)
if reset_at <= now then return false end
return { stored[1], reset_at, now }
