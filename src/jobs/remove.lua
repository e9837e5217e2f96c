--- Forget a job, unless it runs.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    past       list  ids of completed jobs that were fresh, the oldest first
--- @key    leased     zset  id → lease end, ms
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    id   string    the job
--- @arg    now  instant?  instead of the server's clock, in tests
--- @reply  "removed", status: string
--- @reply  "in-progress"
--- @reply  "unknown"
--- @writes idempotent

local sets = { KEYS[1], KEYS[4], KEYS[5], KEYS[6] }
local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], done = KEYS[6], past = KEYS[7], leased = KEYS[8] }
queue.plain, queue.course, queue.batches, queue.job = KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local id, now_given = ARGV[1], ARGV[2]

--- @include now
--- @include forget-lines
--- @include unfold
--- @include expire-folded

local now = now_ms(now_given)
local key = queue.job .. id
if unfold(queue, id, now) then
  forget_lines(queue, { id })
  -- From the end: what is removed has mostly just ended.
  if redis.call("ZREM", queue.done, id) == 0 then redis.call("LREM", queue.past, -1, id) end
  expire_folded(queue, now)
  return { "removed", "completed" }
end
local job = redis.call("HMGET", key, "status", "notify")
if not job[1] then return { "unknown" } end
if job[1] == "in-progress" then return { "in-progress" } end
for _, set in ipairs(sets) do redis.call("ZREM", set, id) end
redis.call("UNLINK", key)
expire_folded(queue, now)
if job[2] then redis.call("PUBLISH", key, "removed") end
return { "removed", job[1] }
