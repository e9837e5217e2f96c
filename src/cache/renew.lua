--- Keep the lead while the value is being computed.
---
--- @key    lease  string  token of who computes the value
--- @arg    token     string    the caller's, from the call that gave it the lead
--- @arg    lease_ms  duration  how long it holds from now
--- @reply  boolean
--- @writes idempotent

local lease = KEYS[1]
local token, lease_ms = ARGV[1], ARGV[2]

--- @include holds

if not holds(redis.call("GET", lease), token) then return 0 end
return redis.call("PEXPIRE", lease, lease_ms)
