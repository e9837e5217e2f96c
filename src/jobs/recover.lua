--- Take back jobs whose lease has lapsed, because their worker died, was paused or lost its way.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    dead       zset  id → failed at, ms
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    limit           integer   take back up to so many
--- @arg    max_recoveries  integer   how often a job is put back before it is dead
--- @arg    delay_ms        duration  wait before a job is tried again; doubles with each time
--- @arg    keep_failed_ms  duration  how long a dead letter is kept
--- @arg    sure            boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now             instant?  instead of the server's clock, in tests
--- @reply  {recovered: integer, dead: integer, more: boolean}
--- @writes idempotent

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], scheduled = KEYS[4], leased = KEYS[5], dead = KEYS[6] }
queue.meta, queue.plain, queue.course, queue.batches, queue.job = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local idle = KEYS[7]
local limit, max_recoveries, delay_ms, keep_failed_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local sure, now_given = ARGV[5], ARGV[6]

--- @include now
--- @include take-back
--- @include wake

local now = now_ms(now_given)
local recovered, dead = take_back(queue, now, limit, max_recoveries, delay_ms, keep_failed_ms)
if recovered > 0 then wake(idle, recovered, sure) end
local more = redis.call("ZCOUNT", queue.leased, "-inf", now) > 0
return { recovered, dead, more and 1 or 0 }
