--- Add jobs, each unless one with its id is there already. Answers the places of those, counted from 1.
---
--- @key    ready      zset  id → priority, then age
--- @key    scheduled  zset  id → due, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused
--- @key    job*       hash  one a job
--- @arg    sure        boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    named       boolean   ids were chosen by the caller, so jobs of the same may have been before
--- @arg    now         instant?  instead of the server's clock, in tests
--- @arg    name        string    of all that are not among the others
--- @arg    max_retries integer   of all that are not among the others
--- @arg    jobs {id: string, payload: bytes?}[] what to add, in order
--- @arg    ...others {place: integer, name: string, max_retries: integer, more: hash<bytes>} what differs in some of them, by their place from 1; `more` is what few jobs have, with `delayMs` or `due`
--- @reply  integer[]
--- @writes idempotent

local ready, scheduled, dead, done, idle, meta, prefix = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local sure, named, now_given, common_name, common_retries, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])

--- @include now
--- @include wake
--- @include keys-of
--- @include read-others

if count == 0 then return {} end
local now = now_ms(now_given)
local keys, suspect = keys_of(ARGV, 7, count, prefix, named == "1")
local others = read_others(ARGV, 7 + 2 * count, now)
suspect = suspect or redis.call("EXISTS", unpack(keys)) > 0

-- A line of its own for each priority, 2^42 places long; 2^11 lines fill the 53 bits of a score.
local place = redis.call("HINCRBY", meta, "order", count) - count
local stamp = string.format("%d", now)
local existing, waiting, delayed, new, ids = {}, {}, {}, {}, {}
for i, key in ipairs(keys) do
  local id, payload = ARGV[5 + 2 * i], ARGV[6 + 2 * i]
  if suspect and redis.call("EXISTS", key) == 1 then
    existing[#existing + 1] = i
  else
    ids[#ids + 1] = id
    local name, retries, priority, due, more = common_name, common_retries, 0, now, nil
    if others[i] then name, retries, priority, due, more = unpack(others[i]) end
    local order = string.format("%d", (priority + 1024) * 2 ^ 42 + place + i)
    redis.call("HSET", key, "id", id, "name", name, "status", "queued", "maxRetries", retries, "createdAt", stamp, "lastUpdatedAt", stamp, "order", order, "payload", payload)
    if payload == "" then redis.call("HDEL", key, "payload") end
    if more then redis.call("HSET", key, unpack(more)) end
    local set, score = waiting, order
    if due > now then set, score, new[id] = delayed, due, true end
    set[#set + 1] = score
    set[#set + 1] = id
  end
end

-- An ended job of the same id went by its TTL, and its place among the ended may still be there: retention would drop this
-- one for it, and a replay put it in line a second time.
if named == "1" and #ids > 0 then
  redis.call("ZREM", done, unpack(ids))
  redis.call("ZREM", dead, unpack(ids))
end
local wanted = #waiting / 2
if #waiting > 0 then redis.call("ZADD", ready, unpack(waiting)) end
if #delayed > 0 then
  redis.call("ZADD", scheduled, unpack(delayed))
  -- The job that is due next is a new one: somebody has to hear of it, or it would wait for an older alarm.
  if new[redis.call("ZRANGE", scheduled, 0, 0)[1]] then wanted = wanted + 1 end
end
if wanted > 0 then wake(idle, wanted, sure) end
return existing
