--- Finds the jobs that a lost reply had already handed out under `token`, among the `limit` latest leases.
local function claimed_before(queue, token, limit)
  local jobs = {}
  for _, id in ipairs(redis.call("ZRANGE", queue.leased, -limit, -1)) do
    local job = redis.call("HGETALL", queue.job .. id)
    for i = 1, #job, 2 do
      if job[i] == "token" and job[i + 1] == token then jobs[#jobs + 1] = { id, {}, job } end
    end
  end
  return jobs
end
