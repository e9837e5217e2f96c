--- Has a job completed that has a hash. Answers its status: gone, if somebody deleted the hash.
local function end_hash(key, keep, stamp, result, notify)
  local new = redis.call("HSET", key, "status", "completed", "completedAt", stamp, "lastUpdatedAt", stamp, "result", result)
  if new == 4 then
    redis.call("DEL", key)
    return "gone"
  end
  if result == "" then redis.call("HDEL", key, "result") end
  redis.call("PEXPIRE", key, keep.completed_ms)
  if notify then redis.call("PUBLISH", key, "completed") end
  return "completed"
end
