--- A fencing token: the server's clock in microseconds, or one more than the last token where that clock is not past it.
local function next_token(last, given)
  local clock = (tonumber(given) or 0) * 1000
  if clock == 0 then
    local time = redis.call("TIME")
    clock = time[1] * 1000000 + time[2]
  end
  return math.max(clock, last + 1)
end
