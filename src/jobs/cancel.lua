--- Cancel a job. One that runs is taken from its worker, whose handler is told to stop.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    done       zset  id → expires at, ms
--- @key    past       list  ids of completed jobs that were fresh, the oldest first
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused, watched
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    id       string    the job
--- @arg    keep_ms  duration  how long a canceled job is kept
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  "canceled", was: string
--- @reply  "ended", status: string
--- @reply  "unknown"
--- @writes idempotent

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], scheduled = KEYS[4], leased = KEYS[5], done = KEYS[6] }
queue.past, queue.meta, queue.plain, queue.course, queue.batches, queue.job = KEYS[7], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local idle = KEYS[8]
local id, keep_ms, now_given = ARGV[1], tonumber(ARGV[2]), ARGV[3]

--- @include now
--- @include cancel-job
--- @include read-tokens
--- @include unfold
--- @include expire-folded

local now = now_ms(now_given)
local key = queue.job .. id
if unfold(queue, id, now) then return { "ended", "completed" } end
local job = redis.call("HMGET", key, "status", "workerId", "notify")
local status = job[1]
if not status then return { "unknown" } end
if status == "completed" or status == "failed" or status == "canceled" then return { "ended", status } end

redis.call("ZREM", queue.ready, id)
redis.call("ZREM", queue.scheduled, id)
local lease_end = redis.call("ZSCORE", queue.leased, id)
-- It ends before its time: the next claim of a job of this id may end in the same millisecond, and is another.
if lease_end then read_tokens(queue.meta, tonumber(lease_end)) end
redis.call("ZREM", queue.leased, id)
redis.call("HDEL", key, "token")
cancel_job(queue, id, now, keep_ms)
expire_folded(queue, now)
if job[3] then redis.call("PUBLISH", key, "canceled") end
if status == "in-progress" then redis.call("PUBLISH", idle .. ":" .. job[2], "cancel " .. id) end
return { "canceled", status }
