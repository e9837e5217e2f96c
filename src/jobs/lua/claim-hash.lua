--- @include claim-reply

--- Claims a job that has a hash. Answers the line that tells of it, and how many bytes of payload; none if there is no such job.
local function claim_hash(key, id, worker, token, stamp)
  local job = redis.call("HMGET", key, "createdAt", "maxRetries", "name", "order", "payload", "token", "more")
  if not job[1] then return end
  local line
  if job[6] or job[7] then
    line = whole(redis.call("HGETALL", key))
    if redis.call("HGET", key, "notify") == "2" then redis.call("PUBLISH", key, "in-progress") end
  else
    line = cmsgpack.pack(unpack(job, 1, 4)) .. (job[5] or "")
  end
  redis.call("HSET", key, "status", "in-progress", "workerId", worker, "token", token, "startedAt", stamp, "lastUpdatedAt", stamp)
  return line, #(job[5] or "")
end
