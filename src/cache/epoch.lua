--- Read the epoch of a tag. An entry is valid while its tags have the epochs that they had when its value began to be computed.
---
--- A tag that has none gets one, so an epoch that lapsed or was evicted never comes back: entries of that tag are then invalid.
---
--- @key    tag  string  the epoch; prolonged while it is read
--- @arg    fresh    string    the epoch to give it if it has none
--- @arg    keep_ms  duration  how long it lives: longer than any entry
--- @reply  string
--- @writes idempotent

local tag = KEYS[1]
local fresh, keep_ms = ARGV[1], tonumber(ARGV[2])

local epoch = redis.call("GET", tag)
if not epoch then
  redis.call("SET", tag, fresh, "PX", keep_ms)
  return fresh
end
if redis.call("PTTL", tag) < keep_ms / 2 then redis.call("PEXPIRE", tag, keep_ms) end
return epoch
