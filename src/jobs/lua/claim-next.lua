--- Gives a worker up to `want` jobs from the front of the line, each under a lease. Answers their hashes as they were.
local function claim_next(queue, now, want, worker, token, lease_ms)
  if want == 0 then return {} end
  local next = redis.call("ZPOPMIN", queue.ready, want)
  local jobs, leased = {}, {}
  for i = 1, #next, 2 do
    local key = queue.job .. next[i]
    local job = redis.call("HGETALL", key)
    if #job > 0 then
      redis.call("HSET", key, "status", "in-progress", "workerId", worker, "token", token, "startedAt", now, "lastUpdatedAt", now)
      jobs[#jobs + 1] = job
      leased[#leased + 1] = now + lease_ms
      leased[#leased + 1] = next[i]
    end
  end
  if #leased > 0 then redis.call("ZADD", queue.leased, unpack(leased)) end
  return jobs
end
