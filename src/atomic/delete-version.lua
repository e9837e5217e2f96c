--- Delete a value that has a version, if it has the one that is expected.
---
--- @key    key      hash     value and version
--- @arg    version  integer  the version that is expected
--- @reply  "deleted"
--- @reply  "differs", current: bytes?, version: integer
--- @writes once

local key = KEYS[1]
local version = tonumber(ARGV[1])

local stored = redis.call("HMGET", key, "value", "version")
local last = tonumber(stored[2] or 0)
if last ~= version then return { "differs", stored[1], last } end
redis.call("UNLINK", key)
return { "deleted" }
