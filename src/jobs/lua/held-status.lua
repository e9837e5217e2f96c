--- Whether `token` still holds a job: then `in-progress`, and whether somebody waits for its end; else why not.
local function held_status(key, token)
  local job = redis.call("HMGET", key, "status", "token", "notify")
  if not job[1] then return "gone" end
  if job[2] ~= token then return "lost" end
  return job[1], job[3]
end
