--- Give up the lead without a value, or pause after a failure: meanwhile readers who take a stale value do not try again.
---
--- @key    lease  string  token of who computes the value
--- @arg    token     string    the caller's, from the call that gave it the lead
--- @arg    pause_ms  duration  how long to pause; 0 gives the lead up
--- @arg    channel   string    where changes are told
--- @arg    message   string    tells that the lead is free
--- @reply  boolean
--- @writes idempotent

local lease = KEYS[1]
local token, pause_ms, channel, message = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

--- @include holds

local held = redis.call("GET", lease)
if not holds(held, token) then return 0 end
if pause_ms > 0 then
  redis.call("SET", lease, "-", "PX", pause_ms)
else
  redis.call("DEL", lease)
end
if held ~= token then redis.call("PUBLISH", channel, message) end
return 1
