--- Put dead letters back in line, at its end, with all their retries: the ones named, or the oldest.
---
--- @key    ready  zset  id → priority, then age
--- @key    dead   zset  id → failed at, ms
--- @key    idle   zset  worker → idle since, ms
--- @key    meta   hash  counters, order, paused
--- @key    job*   hash  one a job
--- @arg    limit  integer   without ids: the oldest so many
--- @arg    until  instant?  without ids: only what died up to then
--- @arg    sure   boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now    instant?  instead of the server's clock, in tests
--- @arg    ...ids string    the dead letters to replay
--- @reply  {replayed: integer, more: boolean, now_ms: instant}
--- @writes once

local ready, dead, idle, meta, prefix = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local limit, until_ms, sure, now_given = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

--- @include now
--- @include wake

local now = now_ms(now_given)
local ids = {}
for i = 5, #ARGV do ids[#ids + 1] = ARGV[i] end
local named = #ids > 0
if until_ms == "" then until_ms = "+inf" end
if not named then ids = redis.call("ZRANGEBYSCORE", dead, "-inf", until_ms, "LIMIT", 0, limit) end

local replayed = 0
for _, id in ipairs(ids) do
  local key = prefix .. id
  local job = redis.call("HMGET", key, "priority", "retryCount")
  local attempts = tonumber(job[2] or 0) + 1
  if redis.call("ZREM", dead, id) == 1 and redis.call("HEXISTS", key, "id") == 1 then
    local order = (tonumber(job[1] or 0) + 1024) * 2 ^ 42 + redis.call("HINCRBY", meta, "order", 1)
    redis.call("HDEL", key, "retryCount", "recoveryCount", "completedAt", "retryDelayUntil", "workerId")
    -- A new story begins; the error it died of stays.
    for attempt = math.max(1, attempts - 19), attempts do redis.call("HDEL", key, string.format("error:%d", attempt)) end
    redis.call("HSET", key, "status", "queued", "lastUpdatedAt", now, "order", order, "token", "")
    redis.call("PERSIST", key)
    redis.call("ZADD", ready, order, id)
    redis.call("HINCRBY", meta, "failed", -1)
    replayed = replayed + 1
  end
end
if replayed > 0 then wake(idle, replayed, sure) end
local more = not named and redis.call("ZCOUNT", dead, "-inf", until_ms) > 0
return { replayed, more and 1 or 0, now }
