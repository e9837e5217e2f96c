--- Finds the jobs, `want` at most, that a lost reply had already handed out under `token`, among the `limit` latest leases.
--- Leases of one claim end at one time, and few end later, so not many are looked at. They begin anew: the worker hears of them
--- only now. Answers them, and how many bytes they have.
local function claimed_before(queue, token, want, limit, now, lease_ms)
  local found, jobs, bytes = {}, {}, 0
  for _, id in ipairs(redis.call("ZREVRANGE", queue.leased, 0, limit - 1)) do
    if #found >= want then break end
    if redis.call("HGET", queue.job .. id, "token") == token then found[#found + 1] = id end
  end
  for last = #found, 1, -1 do
    local job = redis.call("HGETALL", queue.job .. found[last])
    for _, word in ipairs(job) do bytes = bytes + #word end
    jobs[#jobs + 1] = job
    redis.call("ZADD", queue.leased, "GT", now + lease_ms, found[last])
  end
  return jobs, bytes
end
