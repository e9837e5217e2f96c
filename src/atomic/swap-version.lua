--- Replace a value that has a version, if it has the one that is expected.
---
--- The first version is the server's clock in microseconds, so a key that was deleted and made anew never has a version twice.
---
--- @key    key      hash      value and version
--- @arg    version  integer   the version that is expected; 0 for no value
--- @arg    value    bytes     the new value
--- @arg    ttl      string    milliseconds, "keep" or "persist"
--- @reply  "swapped", version: integer
--- @reply  "differs", current: bytes?, version: integer
--- @writes once

local key = KEYS[1]
local version, value, ttl = tonumber(ARGV[1]), ARGV[2], ARGV[3]

--- @include set-ttl

local stored = redis.call("HMGET", key, "value", "version")
local last = tonumber(stored[2] or 0)
if last ~= version then return { "differs", stored[1], last } end
local time = redis.call("TIME")
local next = last == 0 and time[1] * 1000000 + time[2] or last + 1
redis.call("HSET", key, "value", value, "version", next)
set_ttl(key, ttl)
return { "swapped", next }
