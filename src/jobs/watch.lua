--- Have a job's end published on a channel of its own name, if it comes within a minute; or, `closely`, also that it begins, is
--- put off, or tells how far it is. Answers how the job stands.
---
--- @key    meta    hash  counters, order, paused, watched
--- @key    ready   zset  id → priority, then age
--- @key    fresh   list  ids of plain jobs, in order
--- @key    vacant  zset  id → the place that it has left among the fresh
--- @key    plain   hash  id → a folded job, as it was added
--- @key    course  hash  id → how far a folded job has come
--- @key    batches hash  batch → what those of its jobs have in common that wait
--- @key    job*    hash  one a job
--- @arg    id       string    the job
--- @arg    closely  boolean   publish more than its end
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  string
--- @writes idempotent

local meta, queue = KEYS[1], { ready = KEYS[2], fresh = KEYS[3], vacant = KEYS[4], plain = KEYS[5], course = KEYS[6], batches = KEYS[7], job = KEYS[8] }
local id, closely, now_given = ARGV[1], ARGV[2], ARGV[3]

--- @include now
--- @include read-tokens
--- @include unfold

local now = now_ms(now_given)
local key = queue.job .. id
if unfold(queue, id, now) then return "completed" end
local status = redis.call("HGET", key, "status")
if not status then return "unknown" end
if status ~= "completed" and status ~= "failed" and status ~= "canceled" then
  if closely == "1" then
    -- Its claim reads `notify` only of a job that has more to it.
    redis.call("HSET", key, "notify", "2", "more", "1")
  else
    redis.call("HSETNX", key, "notify", "1")
  end
  read_tokens(meta, now + 60000)
end
return status
