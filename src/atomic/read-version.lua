--- Read a value and its version.
---
--- @key    key  hash  value and version
--- @reply  "hit", value: bytes, version: integer
--- @reply  "miss"
--- @writes none

local key = KEYS[1]

local stored = redis.call("HMGET", key, "value", "version")
if not stored[2] then return { "miss" } end
return { "hit", stored[1], tonumber(stored[2]) }
