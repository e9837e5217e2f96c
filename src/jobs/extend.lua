--- Extend leases, and note how far the jobs are. Only the token of the claim counts.
---
--- @key    leased  zset  id → lease end, ms
--- @key    ready   zset  id → priority, then age
--- @key    fresh   list  ids of plain jobs, in order
--- @key    vacant  zset  id → the place that it has left among the fresh
--- @key    plain   hash  id → a folded job, as it was added
--- @key    course  hash  id → how far a folded job has come
--- @key    batches hash  batch → what those of its jobs have in common that wait
--- @key    job*    hash  one a job
--- @arg    lease_ms  duration  how long the leases hold from now
--- @arg    now       instant?  instead of the server's clock, in tests
--- @arg    ...held {id: string, token: string, progress: bytes?} the jobs
--- @reply  {lost: string[], now_ms: instant}
--- @writes idempotent

local leased, queue = KEYS[1], { ready = KEYS[2], fresh = KEYS[3], vacant = KEYS[4], plain = KEYS[5], course = KEYS[6], batches = KEYS[7], job = KEYS[8] }
local lease_ms, now_given = tonumber(ARGV[1]), ARGV[2]

--- @include now
--- @include unfold

local now = now_ms(now_given)
local lost, renewed = {}, {}
for i = 3, #ARGV, 3 do
  local id, token, progress = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = queue.job .. id
  unfold(queue, id, now)
  local job = redis.call("HMGET", key, "status", "token", "notify")
  if job[1] == "in-progress" and job[2] == token then
    renewed[#renewed + 1] = now + lease_ms
    renewed[#renewed + 1] = id
    if progress ~= "" then
      redis.call("HSET", key, "progress", progress, "lastUpdatedAt", now)
      if job[3] == "2" then redis.call("PUBLISH", key, "in-progress") end
    end
  else
    lost[#lost + 1] = id
  end
end
-- GT: a lease that was made longer by hand is not made shorter.
if #renewed > 0 then redis.call("ZADD", leased, "XX", "GT", unpack(renewed)) end
return { lost, now }
