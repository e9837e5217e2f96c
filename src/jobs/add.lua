--- Add jobs, each unless one with its id is there already.
---
--- @key    ready      zset  id → priority, then age
--- @key    scheduled  zset  id → due, ms
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused
--- @key    job*       hash  one a job
--- @arg    sure  boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now   instant?  instead of the server's clock, in tests
--- @arg    ...job {id: string, priority: integer, delay_ms: duration, due: instant?, name: string, max_retries: integer, fields: hash<bytes>} what to add, in order
--- @reply  boolean[]
--- @writes idempotent

local ready, scheduled, idle, meta, prefix = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local sure, now_given = ARGV[1], ARGV[2]

--- @include now
--- @include wake

local now = now_ms(now_given)
-- A line of its own for each priority, 2^42 places long; 2^11 lines fill the 53 bits of a score.
local place = redis.call("HINCRBY", meta, "order", #ARGV) - #ARGV
local stamp = string.format("%.0f", now)
local created, waiting, delayed, first = {}, {}, {}, {}
local at = 3
for _ = 1, #ARGV do
  if at > #ARGV then break end
  local id, priority, due = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 3])
  local name, retries = ARGV[at + 4], ARGV[at + 5]
  local from, to = at + 7, at + 6 + 2 * tonumber(ARGV[at + 6])
  due = due or now + tonumber(ARGV[at + 2])
  local key = prefix .. id
  local new = redis.call("HSETNX", key, "id", id) == 1
  if new then
    local order = string.format("%.0f", (priority + 1024) * 2 ^ 42 + place)
    place = place + 1
    if due > now then
      redis.call("HSET", key, "status", "scheduled", "retryDelayUntil", due, "name", name, "maxRetries", retries, "createdAt", stamp, "lastUpdatedAt", stamp, "order", order, unpack(ARGV, from, to))
      delayed[#delayed + 1] = due
      delayed[#delayed + 1] = id
      first[id] = true
    else
      redis.call("HSET", key, "status", "queued", "name", name, "maxRetries", retries, "createdAt", stamp, "lastUpdatedAt", stamp, "order", order, unpack(ARGV, from, to))
      waiting[#waiting + 1] = order
      waiting[#waiting + 1] = id
    end
  end
  created[#created + 1] = new and 1 or 0
  at = to + 1
end

local wanted = #waiting / 2
if #waiting > 0 then redis.call("ZADD", ready, unpack(waiting)) end
if #delayed > 0 then
  redis.call("ZADD", scheduled, unpack(delayed))
  -- The job that is due next is a new one: somebody has to hear of it, or it would wait for an older alarm.
  if first[redis.call("ZRANGE", scheduled, 0, 0)[1]] then wanted = wanted + 1 end
end
if wanted > 0 then wake(idle, wanted, sure) end
return created
