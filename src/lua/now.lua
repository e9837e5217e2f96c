--- Redis' own clock, in milliseconds, or the time that a test passes instead.
local function now_ms(given)
  if given and given ~= "" then
    return tonumber(given)
  end
  local time = redis.call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
