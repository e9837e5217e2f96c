--- Agree on how many partitions a queue has: who asks first decides, if it has no jobs that are in none.
---
--- @key    ready      zset  id → priority, then age; of the queue without partitions, as all these
--- @key    fresh      list  ids of plain jobs, in order
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    meta       hash  counters, order, paused, watched, partitions
--- @arg    partitions integer  how many the caller has
--- @reply  {partitions: integer, jobs: integer}
--- @writes idempotent

local ready, fresh, scheduled, leased, meta, partitions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[1]

local noted = redis.call("HGET", meta, "partitions")
if noted then return { tonumber(noted), 0 } end
if partitions == "1" then return { 1, 0 } end
local jobs = redis.call("ZCARD", ready) + redis.call("LLEN", fresh) + redis.call("ZCARD", scheduled) + redis.call("ZCARD", leased)
if jobs > 0 then return { 1, jobs } end
redis.call("HSET", meta, "partitions", partitions)
return { tonumber(partitions), 0 }
