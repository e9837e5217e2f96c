--- Finds the jobs that a lost reply had already handed out under `token`, among the `limit` latest leases. Their leases
--- begin anew: the worker hears of them only now.
local function claimed_before(queue, token, limit, now, lease_ms)
  local jobs = {}
  for _, id in ipairs(redis.call("ZRANGE", queue.leased, -limit, -1)) do
    local key = queue.job .. id
    if redis.call("HGET", key, "token") == token then
      jobs[#jobs + 1] = redis.call("HGETALL", key)
      redis.call("ZADD", queue.leased, "GT", now + lease_ms, id)
    end
  end
  return jobs
end
