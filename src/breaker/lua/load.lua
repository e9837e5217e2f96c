--- Reads how a breaker stands. What was forced for a time that is over stands as closed again.
local function load(key, now)
  local stored = redis.call("HMGET", key, "state", "generation", "endsAt", "attempt", "passed", "failed")
  local breaker = {
    known = stored[1] and true,
    state = stored[1] or "closed",
    generation = tonumber(stored[2] or 0),
    ends_at = tonumber(stored[3] or 0),
    attempt = tonumber(stored[4] or 0),
    passed = tonumber(stored[5] or 0),
    failed = tonumber(stored[6] or 0),
  }
  local forced = breaker.state == "forced-open" or breaker.state == "forced-closed" or breaker.state == "disabled"
  if forced and breaker.ends_at <= now then breaker.state, breaker.ends_at = "closed", 0 end
  return breaker
end
