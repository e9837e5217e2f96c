--- Pause a queue, so that nothing more is claimed from it by `step`; or go on.
---
--- @key    idle  zset  worker → idle since, ms
--- @key    meta  hash  counters, order, paused
--- @arg    paused  boolean  pause, or go on
--- @arg    sure    boolean  a message that nobody hears is known to be unheard: not in a cluster
--- @reply  boolean
--- @writes idempotent

local idle, meta = KEYS[1], KEYS[2]
local paused, sure = ARGV[1], ARGV[2]

--- @include wake

if paused == "1" then
  redis.call("HSET", meta, "paused", "1")
else
  redis.call("HDEL", meta, "paused")
  wake(idle, 64, sure)
end
return redis.call("HEXISTS", meta, "paused")
