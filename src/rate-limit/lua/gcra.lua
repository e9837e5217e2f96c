--- GCRA as the leaky bucket of ITU-T I.371: a level that drains by `limit` each millisecond, to which a call adds `per`, and
--- which holds `full`. `limit` and `per` come without their common divisor. All numbers are whole and below 2^52, so nothing is
--- ever rounded. Answers the level, and whether it should be written down although nothing was booked.
local function gcra_level(raw, now, limit, per, full)
  local level, at, unit, rate = string.match(raw or "", "^(%d+) (%d+) (%d+) (%d+)$")
  if not level then return 0, false end
  level, at, unit = tonumber(level), tonumber(at), tonumber(unit)
  -- The limit was changed since: as many calls stay booked as were.
  if unit ~= per then level = math.ceil(level / unit * per) end
  -- The clock was set back: time goes on from here, or nothing would drain until the old time is reached.
  if at > now then return math.min(full, level), true end
  level = math.max(0, level - (now - at) * limit)
  -- The burst was lowered since: whoever is over it waits for one call, not for all.
  if level > full then return full, true end
  -- Written down for the new limit: the key would expire when all was free under the old one.
  return level, unit ~= per or tonumber(rate) ~= limit
end

--- Answers what would be left for others, in how many milliseconds a cost fits (-1 for never), and in how many all is free.
local function gcra_report(level, cost, limit, per, full)
  local over = level + cost * per - full
  local retry = 0
  if over > 0 then retry = cost * per > full and -1 or math.ceil(over / limit) end
  return math.floor((full - level) / per), retry, math.ceil(level / limit)
end
