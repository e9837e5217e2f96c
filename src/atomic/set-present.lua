--- Set a value where there is one, and answer that one.
---
--- @key    key    string  what is set
--- @arg    value  bytes   the value
--- @arg    ttl    string  milliseconds, "keep" or "persist"
--- @reply  "set", previous: bytes
--- @reply  "absent"
--- @writes once

local key = KEYS[1]
local value, ttl = ARGV[1], ARGV[2]

--- @include store-value

local previous = redis.call("GET", key)
if not previous then return { "absent" } end
store_value(key, value, ttl)
return { "set", previous }
