--- Add plain jobs that are of one name and as many retries, and whose ids the queue chose itself. Answers how many it added: none, if this
--- very call did before.
---
--- @key    fresh    list  ids of plain jobs, in order
--- @key    idle     zset  worker → idle since, ms
--- @key    meta     hash  counters, order, paused
--- @key    plain    hash  id → a folded job, as it was added
--- @key    course   hash  id → how far a folded job has come
--- @key    batches  hash  batch → what those of its jobs have in common that wait
--- @key    job*     hash  one a job
--- @arg    sure   boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now    instant?  instead of the server's clock, in tests
--- @arg    batch  string    its name, never used before
--- @arg    jobs   {id: string, line: bytes}[] what to add, in order, with their lines in `plain`
--- @reply  integer
--- @writes idempotent

local fresh, idle, meta, plain, course, batches, job = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local sure, now_given, batch, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

--- @include now
--- @include wake

if count == 0 or redis.call("HEXISTS", batches, batch) == 1 then return 0 end
local ids, keys = {}, {}
for i = 1, count do
  ids[i] = ARGV[3 + 2 * i]
  keys[i] = job .. ids[i]
end
if redis.call("EXISTS", unpack(keys)) > 0 then return 0 end
-- What this call wrote before, it writes again as it was; so nothing has to be looked for first.
if redis.call("HSET", plain, unpack(ARGV, 5, 4 + 2 * count)) < count then
  -- None of it waits, or the batch would be there. Those that have no course any more have ended and were dropped.
  for i, line in ipairs(redis.call("HMGET", course, unpack(ids))) do
    if not line then redis.call("HDEL", plain, ids[i]) end
  end
  return 0
end
-- They do not end with those that ended before.
redis.call("PERSIST", plain)
redis.call("PERSIST", course)
local first = redis.call("HINCRBY", meta, "order", count) - count + 1
redis.call("HSET", batches, batch, string.format("%d %d %d", now_ms(now_given), first, count))
redis.call("RPUSH", fresh, unpack(ids))
wake(idle, count, sure)
return count
