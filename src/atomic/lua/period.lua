--- The day on which a month begins, in days since 1970-01-01. Month 13 is January of the next year.
--- Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
local function month_start(year, month)
  if month <= 2 then year, month = year - 1, month + 12 end
  local century = math.floor(year / 100)
  return 365 * year + math.floor(year / 4) - century + math.floor(century / 4) + math.floor((153 * (month - 3) + 2) / 5) - 719468
end

--- Year and month of a day, in days since 1970-01-01. Source: as above, civil_from_days.
local function month_of(day)
  local shifted = day + 719468
  local era = math.floor(shifted / 146097)
  local rest = shifted - era * 146097
  local year = math.floor((rest - math.floor(rest / 1460) + math.floor(rest / 36524) - math.floor(rest / 146096)) / 365)
  local turn = math.floor((5 * (rest - 365 * year - math.floor(year / 4) + math.floor(year / 100)) + 2) / 153)
  if turn < 10 then return year + era * 400, turn + 3 end
  return year + era * 400 + 1, turn - 9
end

--- When the period that holds a moment began and when it ends, in milliseconds since 1970. A period is a calendar unit, or so many
--- milliseconds counted from 1970; `offset_ms` is how far local clocks are ahead of UTC. Weeks begin on Monday.
local function period_at(each, moment, offset_ms)
  local lengths = { minute = 60000, hour = 3600000, day = 86400000 }
  local length = lengths[each] or tonumber(each)
  local here = moment + offset_ms
  if length then
    local start = here - here % length - offset_ms
    return start, start + length
  end
  local day = math.floor(here / 86400000)
  local first, last
  if each == "week" then
    first = day - (day + 3) % 7
    last = first + 7
  else
    local year, month = month_of(day)
    if each == "year" then month = 1 end
    first, last = month_start(year, month), month_start(year, month + (each == "year" and 12 or 1))
  end
  return first * 86400000 - offset_ms, last * 86400000 - offset_ms
end
