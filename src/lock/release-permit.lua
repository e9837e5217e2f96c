--- Give a permit back, if it has not lapsed, and wake who waits for one.
---
--- @key    permits  zset      owner → lease end, ms
--- @arg    owner    string    who gives back
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  boolean
--- @writes once

local permits = KEYS[1]
local owner, now_given = ARGV[1], ARGV[2]

--- @include now

local ends = tonumber(redis.call("ZSCORE", permits, owner) or 0)
redis.call("ZREM", permits, owner)
redis.call("PUBLISH", permits, "freed")
return ends > now_ms(now_given)
