--- Add jobs, each unless one with its id is there already. Answers the places of those, counted from 1.
---
--- @key    ready      zset  id → priority, then age
--- @key    scheduled  zset  id → due, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    job*       hash  one a job
--- @arg    sure        boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    named       boolean   ids were chosen by the caller, so jobs of the same may have been before
--- @arg    fold        boolean   plain jobs need no hash of their own
--- @arg    now         instant?  instead of the server's clock, in tests
--- @arg    name        string    of all that are not among the others
--- @arg    max_retries integer   of all that are not among the others
--- @arg    jobs {id: string, payload: bytes?}[] what to add, in order
--- @arg    ...others {place: integer, name: string, max_retries: integer, more: hash<bytes>} what differs in some of them, by their place from 1; `more` is what few jobs have, with `delayMs` or `due`
--- @reply  integer[]
--- @writes idempotent

local ready, scheduled, dead, done, idle, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local queue = { plain = KEYS[7], course = KEYS[8], job = KEYS[9] }
local sure, named, fold, now_given, common_name, common_retries, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])

--- @include now
--- @include wake
--- @include come-twice
--- @include read-others
--- @include folded
--- @include forget-lines

if count == 0 then return {} end
local now = now_ms(now_given)
local others = read_others(ARGV, 8 + 2 * count, now)
local ids, keys = {}, {}
for i = 1, count do
  ids[i] = ARGV[6 + 2 * i]
  keys[i] = queue.job .. ids[i]
end
-- One look at all of them mostly spares one at each.
local suspect = redis.call("EXISTS", unpack(keys)) > 0 or named == "1" and come_twice(ids)
for _, line in ipairs(redis.call("HMGET", queue.plain, unpack(ids))) do suspect = suspect or line end

-- A line of its own for each priority, 2^42 places long; 2^11 lines fill the 53 bits of a score.
local place = redis.call("HINCRBY", meta, "order", count) - count
local stamp = string.format("%d", now)
local common_head = plain_head(stamp, common_retries, common_name)
local existing, waiting, delayed, folded, new = {}, {}, {}, {}, {}
for i, key in ipairs(keys) do
  local id, payload = ids[i], ARGV[7 + 2 * i]
  if suspect and (new[id] or redis.call("EXISTS", key) == 1 or read_folded(queue, id, now)) then
    existing[#existing + 1] = i
  else
    local name, retries, priority, due, more = common_name, common_retries, 0, now, nil
    if others[i] then name, retries, priority, due, more = unpack(others[i]) end
    local order = string.format("%d", (priority + 1024) * 2 ^ 42 + place + i)
    if fold == "1" and not more and fits_line(payload) then
      folded[#folded + 1] = id
      folded[#folded + 1] = (others[i] and plain_head(stamp, retries, name) or common_head) .. order .. payload
    else
      redis.call("HSET", key, "id", id, "name", name, "status", "queued", "maxRetries", retries, "createdAt", stamp, "lastUpdatedAt", stamp, "order", order, "payload", payload)
      if payload == "" then redis.call("HDEL", key, "payload") end
      if more then redis.call("HSET", key, unpack(more)) end
    end
    local set, score = waiting, order
    if due > now then set, score = delayed, due end
    if named == "1" or set == delayed then new[id] = true end
    set[#set + 1] = score
    set[#set + 1] = id
  end
end

-- An ended job of the same id went by its TTL, and its place among the ended may still be there: retention would drop this
-- one for it, and a replay put it in line a second time.
if named == "1" and next(new) then
  local added = {}
  for id in pairs(new) do added[#added + 1] = id end
  forget_lines(queue, added)
  redis.call("ZREM", done, unpack(added))
  redis.call("ZREM", dead, unpack(added))
end
if #folded > 0 then
  redis.call("HSET", queue.plain, unpack(folded))
  -- They do not end with those that ended before.
  redis.call("PERSIST", queue.plain)
  redis.call("PERSIST", queue.course)
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
