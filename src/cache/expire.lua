--- End an entry now. It may still be served stale for as long as it was made to; and what began to be computed before is refused.
---
--- @key    value  string  the entry
--- @key    lease  string  token of who computes the value
--- @arg    channel  string  where changes are told
--- @arg    message  string  tells that the entry has ended
--- @reply  boolean
--- @writes idempotent

local value, lease = KEYS[1], KEYS[2]
local channel, message = ARGV[1], ARGV[2]

local head = redis.call("GETRANGE", value, 0, 3)
redis.call("DEL", lease)
redis.call("PUBLISH", channel, message)
if #head < 4 then return redis.call("UNLINK", value) end
local grace = struct.unpack(">I4", head)
if grace == 0 then return redis.call("UNLINK", value) end
if redis.call("PTTL", value) > grace then redis.call("PEXPIRE", value, grace) end
return 1
