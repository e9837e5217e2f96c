--- @include put-back
--- @include bury

--- Notes why an attempt failed; then puts the job back, if it may be tried again and has retries left, or buries it.
--- The errors of the last 20 attempts are kept.
local function fail(queue, id, now, keep_ms, error, retry_in_ms)
  local key = queue.job .. id
  local job = redis.call("HMGET", key, "retryCount", "maxRetries", "order")
  local retries = tonumber(job[1] or 0)
  local attempt = retries + 1
  redis.call("HSET", key, "error", error, string.format("error:%d", attempt), error)
  redis.call("HDEL", key, "workerId", string.format("error:%d", attempt - 20))
  if retry_in_ms ~= "" and retries < tonumber(job[2] or 0) then
    redis.call("HSET", key, "retryCount", attempt)
    return put_back(queue, id, job[3], now, tonumber(retry_in_ms))
  end
  return bury(queue, id, now, keep_ms)
end
