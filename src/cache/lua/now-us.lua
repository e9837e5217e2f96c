--- Redis' own clock, in microseconds, or the time in milliseconds that a test passes instead.
local function now_us(given)
  if given ~= "" then
    return tonumber(given) * 1000
  end
  local time = redis.call("TIME")
  return time[1] * 1000000 + time[2]
end
