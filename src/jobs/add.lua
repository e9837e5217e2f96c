--- Add jobs, each unless one with its id is there already. Answers the places of those, counted from 1.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    scheduled  zset  id → due, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    past       list  ids of completed jobs that were fresh, the oldest first
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
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

local ready, fresh, scheduled, idle, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[7], KEYS[8]
local queue = { dead = KEYS[4], done = KEYS[5], past = KEYS[6], plain = KEYS[9], course = KEYS[10], batches = KEYS[11], job = KEYS[12] }
local sure, named, fold, now_given, common_name, common_retries, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])

--- @include now
--- @include wake
--- @include come-twice
--- @include read-others
--- @include folded
--- @include create-hash
--- @include forget-ended

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
local stamp, first_place = string.format("%d", now), 1024 * 2 ^ 42 + place
local common_head = plain_head(stamp, common_retries, common_name, first_place)
local existing, arrived, waiting, delayed, folded, new = {}, {}, {}, {}, {}, {}
for i, key in ipairs(keys) do
  local id, payload = ids[i], ARGV[7 + 2 * i]
  if suspect and (new[id] or redis.call("EXISTS", key) == 1 or read_folded(queue, id, now)) then
    existing[#existing + 1] = i
  else
    local name, retries, priority, due, more = common_name, common_retries, 0, now, nil
    if others[i] then name, retries, priority, due, more = unpack(others[i]) end
    local folds = fold == "1" and not more and fits_line(payload)
    if folds then
      local head = others[i] and plain_head(stamp, retries, name, first_place) or common_head
      folded[#folded + 1] = id
      folded[#folded + 1] = head .. string.char((i - i % 256) / 256, i % 256) .. payload
    end
    if folds and named == "0" then
      arrived[#arrived + 1] = id
    else
      local order = string.format("%d", (priority + 1024) * 2 ^ 42 + place + i)
      if not folds then create_hash(key, id, name, retries, stamp, order, payload, more) end
      local set, score = waiting, order
      if due > now then set, score = delayed, due end
      if named == "1" or set == delayed then new[id] = true end
      set[#set + 1] = score
      set[#set + 1] = id
    end
  end
end

if named == "1" then forget_ended(queue, new) end
if #folded > 0 then
  redis.call("HSET", queue.plain, unpack(folded))
  -- They do not end with those that ended before.
  redis.call("PERSIST", queue.plain)
  redis.call("PERSIST", queue.course)
end
local wanted = #arrived + #waiting / 2
-- Ids of our own only: one that is chosen may come again when the first job of its name is gone, and its place not yet.
if #arrived > 0 then redis.call("RPUSH", fresh, unpack(arrived)) end
if #waiting > 0 then redis.call("ZADD", ready, unpack(waiting)) end
if #delayed > 0 then
  redis.call("ZADD", scheduled, unpack(delayed))
  -- The job that is due next is a new one: somebody has to hear of it, or it would wait for an older alarm.
  if new[redis.call("ZRANGE", scheduled, 0, 0)[1]] then wanted = wanted + 1 end
end
if wanted > 0 then wake(idle, wanted, sure) end
return existing
