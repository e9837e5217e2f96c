--- Deny every call of an identity for a while, or lift that.
---
--- @key    block   string    until when, ms; expires then
--- @arg    for_ms  duration  how long; 0 lifts it
--- @arg    now     instant?  instead of the server's clock, in tests
--- @reply  boolean  whether it is blocked now
--- @writes idempotent

local block, for_ms, now_given = KEYS[1], tonumber(ARGV[1]), ARGV[2]

--- @include now

if for_ms == 0 then
  redis.call("DEL", block)
  return 0
end
redis.call("SET", block, string.format("%.0f", now_ms(now_given) + for_ms), "PX", for_ms)
return 1
