--- Set a value where there is none, or answer the one that is there.
---
--- @key    key    string  what is set
--- @arg    value  bytes   the value
--- @arg    ttl    string  milliseconds, or "persist"
--- @reply  "set"
--- @reply  "exists", current: bytes
--- @writes once

local key = KEYS[1]
local value, ttl = ARGV[1], ARGV[2]

--- @include store-value

local current = redis.call("GET", key)
if current then return { "exists", current } end
store_value(key, value, ttl)
return { "set" }
