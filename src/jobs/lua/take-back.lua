--- @include put-back
--- @include bury
--- @include unfold

--- Takes up to `limit` jobs back whose lease has lapsed: to their old place in line, or after a delay that doubles with
--- each time up to a day, or, the `most + 1`-th time, to the dead letters. Answers how many went each way.
local function take_back(queue, now, limit, most, delay_ms, keep_ms)
  local lapsed = redis.call("ZRANGEBYSCORE", queue.leased, "-inf", string.format("%.0f", now), "LIMIT", "0", limit)
  if #lapsed == 0 then return 0, 0 end
  local recovered, buried = 0, 0
  redis.call("ZREM", queue.leased, unpack(lapsed))
  for _, id in ipairs(lapsed) do
    local key = queue.job .. id
    unfold(queue, id, now)
    local job = redis.call("HMGET", key, "order", "recoveryCount", "notify")
    local times = tonumber(job[2] or 0) + 1
    if job[1] then
      redis.call("HSET", key, "recoveryCount", times, "token", "")
      redis.call("HDEL", key, "workerId")
      if times > most then
        local text = '{"name":"JobStuckError","code":"JOB_STUCK","message":"Its lease lapsed %d times: the workers that ran it went away or were blocked.","at":%.0f}'
        redis.call("HSET", key, "error", string.format(text, times, now))
        bury(queue, id, now, keep_ms)
        if job[3] then redis.call("PUBLISH", key, "failed") end
        buried = buried + 1
      else
        local status = put_back(queue, id, job[1], now, math.min(delay_ms * 2 ^ (times - 1), 86400000))
        if job[3] == "2" then redis.call("PUBLISH", key, status) end
        recovered = recovered + 1
      end
    end
  end
  return recovered, buried
end
