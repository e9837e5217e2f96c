--- Give one job to a worker, by its id: its hash, packed.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    id        string    the job
--- @arg    worker    string    who claims
--- @arg    token     string    fences this claim; the same call sent twice has the same
--- @arg    lease_ms  duration  how long the claim holds if nobody extends it
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  "claimed", job: bytes, now_ms: instant
--- @reply  "not-due", due_in_ms: duration
--- @reply  "in-progress", worker: string
--- @reply  "ended", status: string
--- @reply  "unknown"
--- @writes idempotent

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], plain = KEYS[6], course = KEYS[7], batches = KEYS[8], job = KEYS[9] }
local scheduled, leased = KEYS[4], KEYS[5]
local id, worker, token, lease_ms, now_given = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

--- @include now
--- @include unfold

local now = now_ms(now_given)
local key = queue.job .. id
if unfold(queue, id, now) then return { "ended", "completed" } end
local job = redis.call("HMGET", key, "status", "token", "retryDelayUntil", "workerId", "notify")
local status = job[1]
if not status then return { "unknown" } end
if status == "in-progress" then
  if job[2] ~= token then return { "in-progress", job[4] } end
  return { "claimed", cmsgpack.pack(redis.call("HGETALL", key)), now }
end
if status ~= "queued" and status ~= "scheduled" then return { "ended", status } end
local due = tonumber(job[3] or 0)
if status == "scheduled" and due > now then return { "not-due", due - now } end

redis.call("ZREM", queue.ready, id)
redis.call("ZREM", scheduled, id)
redis.call("HSET", key, "status", "in-progress", "workerId", worker, "token", token, "startedAt", now, "lastUpdatedAt", now)
redis.call("ZADD", leased, now + lease_ms, id)
if job[5] == "2" then redis.call("PUBLISH", key, "in-progress") end
return { "claimed", cmsgpack.pack(redis.call("HGETALL", key)), now }
