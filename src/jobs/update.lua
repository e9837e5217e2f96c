--- Change a job that has not begun: its fields, its priority, when it is due.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    idle       zset  worker → idle since, ms
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    id        string     the job
--- @arg    priority  integer?   its new priority
--- @arg    delay_ms  duration?  due so long from now; 0 for at once
--- @arg    sure      boolean    a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now       instant?   instead of the server's clock, in tests
--- @arg    cleared   string[]   fields to drop
--- @arg    fields    hash<bytes> fields to set
--- @reply  "updated", status: string
--- @reply  "refused", status: string
--- @reply  "unknown"
--- @writes idempotent

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], plain = KEYS[6], course = KEYS[7], batches = KEYS[8], job = KEYS[9] }
local scheduled, idle = KEYS[4], KEYS[5]
local id, priority, delay_ms, sure, now_given, cleared = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])

--- @include now
--- @include wake
--- @include unfold

local now = now_ms(now_given)
local key = queue.job .. id
if unfold(queue, id, now) then return { "refused", "completed" } end
local job = redis.call("HMGET", key, "status", "order")
local status, order = job[1], tonumber(job[2] or 0)
if not status then return { "unknown" } end
if status ~= "queued" and status ~= "scheduled" then return { "refused", status } end

if priority ~= "" then order = (tonumber(priority) + 1024) * 2 ^ 42 + order % 2 ^ 42 end
local last = 7 + cleared + 2 * tonumber(ARGV[7 + cleared])
redis.call("HSET", key, "lastUpdatedAt", now, "order", order, "more", "1", unpack(ARGV, 8 + cleared, last))
if cleared > 0 then redis.call("HDEL", key, unpack(ARGV, 7, 6 + cleared)) end
if delay_ms then
  status = delay_ms > 0 and "scheduled" or "queued"
  redis.call("HSET", key, "status", status, "retryDelayUntil", now + delay_ms)
  redis.call("ZREM", status == "queued" and scheduled or queue.ready, id)
end
if status == "queued" then
  redis.call("ZADD", queue.ready, order, id)
elseif delay_ms then
  redis.call("ZADD", scheduled, now + delay_ms, id)
end
wake(idle, 1, sure)
return { "updated", status }
