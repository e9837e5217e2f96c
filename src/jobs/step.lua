--- Settle what a worker finished, then give it what is next: the whole of a worker's talk with Redis, in one round trip.
---
--- @key    ready      zset  id → priority, then age
--- @key    fresh      list  ids of plain jobs, in order
--- @key    vacant     zset  id → the place that it has left among the fresh
--- @key    scheduled  zset  id → due, ms
--- @key    leased     zset  id → lease end, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    past       list  ids of completed jobs that were fresh, the oldest first
--- @key    idle       zset  worker → idle since, ms
--- @key    meta       hash  counters, order, paused, watched
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    worker               string    who claims
--- @arg    token                string    fences this claim; never used before
--- @arg    want                 integer   claim up to so many jobs
--- @arg    lease_ms             duration  how long a claim holds if nobody extends it
--- @arg    keep_completed_ms    duration  how long a completed job is kept
--- @arg    keep_completed       integer   how many completed jobs are kept
--- @arg    keep_failed_ms       duration  how long a dead letter is kept
--- @arg    keep_failed          integer   how many dead letters are kept
--- @arg    max_recoveries       integer   how often a lapsed lease puts a job back before it is dead
--- @arg    sweep                integer   promote, recover and drop up to so many jobs each
--- @arg    resume               boolean   the reply to this very call was lost: answer what it claimed
--- @arg    listed               boolean   the worker may stand in idle
--- @arg    listens              boolean   the worker hears its channel: note it in idle if there is nothing for it
--- @arg    sure                 boolean   a message that nobody hears is known to be unheard: not in a cluster
--- @arg    now                  instant?  instead of the server's clock, in tests
--- @arg    claims               {token: string, ends: instant?}[] under which it was done, and when each said its leases end
--- @arg    completed            {id: string, claim: integer, result: bytes?}[] what is done, and under which of the claims, from 1
--- @arg    ...others {id: string, token: string, outcome: string, error: string?, delay_ms: duration?} what ended in another way
--- @reply  {refused: {place: integer, status: string}[], settled: string[], jobs: bytes, now_ms: instant, next_in_ms: duration?, idle: integer}
--- @writes once

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], scheduled = KEYS[4], leased = KEYS[5], dead = KEYS[6] }
queue.done, queue.past, queue.meta, queue.plain, queue.course, queue.batches, queue.job = KEYS[7], KEYS[8], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local idle = KEYS[9]
local worker, token, want, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
-- Times as they came: Redis takes 0.7 µs to write a number that a script passes.
local keep = { completed_ms = ARGV[5], completed = tonumber(ARGV[6]), failed_ms = ARGV[7], failed = tonumber(ARGV[8]) }
local max_recoveries, sweep, resume, listed = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]
local listens, sure = ARGV[13], ARGV[14]

--- @include now
--- @include claims
--- @include settle
--- @include promote
--- @include take-back
--- @include prune
--- @include claim-next
--- @include claimed-before
--- @include hand-over
--- @include expire-folded

local now = now_ms(ARGV[15])
local state = redis.call("HMGET", queue.meta, "paused", "watched")
local claim_count = tonumber(ARGV[16])
local claims, first = read_claims(ARGV, 17, claim_count, now), 18 + 2 * claim_count
local completed = tonumber(ARGV[first - 1])
-- First of all: what frees memory runs in a Redis that is full too, and then the rest of the script may write.
drop_expired(queue, queue.done, sweep + completed, now)
drop_expired_completed(queue, sweep + completed, now)
drop_expired(queue, queue.dead, sweep + completed, now - keep.failed_ms)
local by_token = resume == "1" or tonumber(state[2] or 0) >= now
local refused, settled, put_off = settle(queue, now, keep, ARGV, first, completed, claims, by_token)
local ended = completed + #settled
local moved = promote(queue, now, sweep) + take_back(queue, now, sweep, max_recoveries, 0, keep.failed_ms)

local before, before_lines, before_births, bytes = {}, {}, {}, 0
if resume == "1" then before, before_lines, before_births, bytes = claimed_before(queue, token, want, 10000, now, lease_ms) end
local free = math.max(0, want - #before)
if state[1] then free = 0 end
local ids, lines, births, left = claim_next(queue, now, free, worker, token, lease_ms, bytes)
for i, id in ipairs(before) do
  ids[#ids + 1] = id
  lines[#lines + 1] = before_lines[i]
  births[#births + 1] = before_births[i]
end
local jobs, claimed = claim_reply(ids, lines, births), #ids

if claimed == 0 then expire_folded(queue, now) end
if ended > 0 or claimed == 0 then
  -- More than was added, or a busy queue would outgrow what it keeps.
  drop_excess_ended(queue, sweep + ended, keep.completed)
  drop_excess(queue, queue.dead, sweep + ended, keep.failed)
end

if claimed >= want or left then
  if listed == "1" then redis.call("ZREM", idle, worker) end
  if listed == "1" or put_off or moved > 0 then hand_over(queue, idle, now, sure) end
  return { refused, settled, jobs, now, left and 0, left and 1 or 0 }
end
if listens == "1" then
  redis.call("ZREMRANGEBYSCORE", idle, "-inf", now - 90000)
  redis.call("ZADD", idle, now, worker)
  redis.call("PEXPIRE", idle, 90000)
end
local due = redis.call("ZRANGE", queue.scheduled, 0, 0, "WITHSCORES")[2]
local lapse = redis.call("ZRANGE", queue.leased, 0, 0, "WITHSCORES")[2]
local next = math.min(tonumber(due or math.huge), tonumber(lapse or math.huge))
return { refused, settled, jobs, now, next < math.huge and math.max(0, next - now), redis.call("ZCARD", idle) }
