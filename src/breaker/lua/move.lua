--- Moves a breaker to another state and tells every process. What was counted is forgotten, and a new generation begins, so
--- that results of calls that began before are known to be late. A generation is a time, so that none comes twice when Redis
--- lost the state in between.
local function move(keys, breaker, state, left_ms, now, ttl_ms)
  if state == "closed" then breaker.attempt = 0 end
  breaker.state, breaker.passed, breaker.failed = state, 0, 0
  breaker.generation = math.max(breaker.generation + 1, now)
  breaker.ends_at = left_ms > 0 and now + left_ms or 0
  local generation, ends_at = string.format("%.0f", breaker.generation), string.format("%.0f", breaker.ends_at)
  redis.call("DEL", keys.state, keys.probes, keys.reports, keys.failing)
  redis.call("HSET", keys.state, "state", state, "generation", generation, "endsAt", ends_at, "attempt", breaker.attempt)
  redis.call("PEXPIRE", keys.state, ttl_ms + left_ms)
  redis.call("PUBLISH", keys.state, string.format("%s %s %.0f %d", state, generation, left_ms, breaker.attempt))
end
