--- Give a tag a new epoch, which makes every entry with that tag invalid.
---
--- @key    tag  string  the epoch
--- @arg    fresh    string    the new epoch, never used before
--- @arg    keep_ms  duration  how long it lives: longer than any entry
--- @arg    channel  string    where changes are told
--- @arg    message  string    tells which tag it is
--- @reply  boolean
--- @writes idempotent

local tag = KEYS[1]
local fresh, keep_ms, channel, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

redis.call("SET", tag, fresh, "PX", keep_ms)
redis.call("PUBLISH", channel, message)
return 1
