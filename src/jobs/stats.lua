--- Count the jobs of a queue.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    dead       zset  id → failed at, ms
--- @key    meta       hash  counters, order, paused
--- @reply  {queued: integer, scheduled: integer, in_progress: integer, completed: integer?, failed: integer?, canceled: integer?, dead: integer, paused: boolean}
--- @writes none

local ready, fresh, vacant, scheduled, leased, dead, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]

local counts = redis.call("HMGET", meta, "completed", "failed", "canceled", "paused")
return {
  redis.call("ZCARD", ready) + redis.call("LLEN", fresh) - redis.call("ZCARD", vacant),
  redis.call("ZCARD", scheduled),
  redis.call("ZCARD", leased),
  counts[1],
  counts[2],
  counts[3],
  redis.call("ZCARD", dead),
  counts[4] and 1 or 0,
}
