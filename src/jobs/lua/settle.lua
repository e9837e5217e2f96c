--- @include put-back
--- @include fail
--- @include cancel-job

--- Books one outcome that is not plain success. Answers the job's new status.
local function settle_otherwise(queue, id, now, keep, outcome, error, delay_ms)
  if outcome == "failed" then return fail(queue, id, now, keep.failed_ms, error, delay_ms) end
  if outcome == "canceled" then return cancel_job(queue, id, now, keep.completed_ms) end
  redis.call("HDEL", queue.job .. id, "workerId")
  return put_back(queue, id, redis.call("HGET", queue.job .. id, "order"), now, tonumber(delay_ms))
end

--- Books what became of jobs, `words` from `first` on, six a job: id, token, outcome, result, error, delay. Only the
--- token of the claim counts; telling the same outcome twice answers the same. Answers a status a job, or `lost`, `gone`.
local function settle(queue, now, keep, words, first)
  local answers, settled, done = {}, {}, {}
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have three of them.
  local stamp, expires = string.format("%.0f", now), string.format("%.0f", now + keep.completed_ms)
  for i = first, #words, 6 do
    local id, token, outcome = words[i], words[i + 1], words[i + 2]
    local key = queue.job .. id
    local job = redis.call("HMGET", key, "status", "token", "notify")
    local status = job[1] or "gone"
    if status ~= "gone" and job[2] ~= token then status = "lost" end
    if status == "in-progress" then
      settled[#settled + 1] = id
      if outcome == "completed" then
        status = "completed"
        local result = words[i + 3]
        if result == "" then redis.call("HSET", key, "status", status, "completedAt", stamp, "lastUpdatedAt", stamp)
        else redis.call("HSET", key, "status", status, "completedAt", stamp, "lastUpdatedAt", stamp, "result", result) end
        redis.call("PEXPIRE", key, keep.completed_ms)
        done[#done + 1] = expires
        done[#done + 1] = id
      else
        status = settle_otherwise(queue, id, now, keep, outcome, words[i + 4], words[i + 5])
      end
      if job[3] and status ~= "scheduled" and status ~= "queued" then redis.call("PUBLISH", key, status) end
    end
    answers[#answers + 1] = status
  end
  if #settled > 0 then redis.call("ZREM", queue.leased, unpack(settled)) end
  if #done > 0 then
    redis.call("ZADD", queue.done, unpack(done))
    redis.call("PEXPIRE", queue.done, keep.completed_ms)
    redis.call("HINCRBY", queue.meta, "completed", #done / 2)
  end
  return answers
end
