--- @include move

--- Opens a breaker: each time in a row for longer, up to a limit.
local function open(keys, breaker, times, now, ttl_ms)
  breaker.attempt = breaker.attempt + 1
  local left_ms = math.min(times.max_ms, times.base_ms * times.factor ^ (breaker.attempt - 1))
  move(keys, breaker, "open", math.floor(left_ms + 0.5), now, ttl_ms)
end
