--- Forget an entry, and refuse what began to be computed before.
---
--- @key    value  string  the entry
--- @key    lease  string  token of who computes the value
--- @arg    channel  string  where changes are told
--- @arg    message  string  tells that the entry is gone
--- @reply  boolean
--- @writes idempotent

local value, lease = KEYS[1], KEYS[2]
local channel, message = ARGV[1], ARGV[2]

local existed = redis.call("UNLINK", value)
redis.call("DEL", lease)
redis.call("PUBLISH", channel, message)
return existed
