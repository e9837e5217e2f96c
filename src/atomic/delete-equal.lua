--- Delete a value, if it is the one that is expected.
---
--- @key    key     string  what is deleted
--- @arg    expect  bytes   the value that is expected
--- @reply  "deleted"
--- @reply  "differs", current: bytes?
--- @writes once

local key = KEYS[1]
local expect = ARGV[1]

local current = redis.call("GET", key)
if current ~= expect then return { "differs", current } end
redis.call("UNLINK", key)
return { "deleted" }
