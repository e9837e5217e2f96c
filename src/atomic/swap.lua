--- Replace a value, if it is the one that is expected.
---
--- @key    key     string   what is replaced
--- @arg    absent  boolean  no value is expected
--- @arg    expect  bytes    the value that is expected otherwise
--- @arg    value   bytes    the new value
--- @arg    ttl     string   milliseconds, "keep" or "persist"
--- @reply  "swapped"
--- @reply  "differs", current: bytes?
--- @writes once

local key = KEYS[1]
local absent, expect, value, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

--- @include store-value

local current = redis.call("GET", key)
if absent == "1" then
  if current then return { "differs", current } end
elseif current ~= expect then
  return { "differs", current }
end
store_value(key, value, ttl)
return { "swapped" }
