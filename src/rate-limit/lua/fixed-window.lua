--- A count that begins with the first call and ends `per` later, so not everyone's begins at the same moment.
local function fixed_load(state, raw, now)
  local start, count, per = string.match(raw or "", "^(%d+) (%d+) (%d+)$")
  state.start, state.count, state.age = now, 0, 0
  if not start then return end
  start = tonumber(start)
  -- The length was changed since: the key would expire with the old window.
  state.dirty = tonumber(per) ~= state.per
  -- The clock was set back: the window begins anew with its count, or it would last until the old time is reached.
  if start > now then start, state.dirty = now, true end
  if now - start < state.per then state.start, state.count, state.age = start, tonumber(count), now - start end
end

--- Answers whether a cost fits, what would be left for others, when it fits and when all is free again.
local function fixed_check(state, cost)
  local left = state.limit - state.count
  local reset = state.count > 0 and state.per - state.age or 0
  if cost <= left then return true, left, 0, reset end
  return false, math.max(0, left), cost > state.limit and -1 or reset, reset
end

--- Books a cost, or gives back a negative one: never more than was taken.
local function fixed_add(state, cost)
  state.count = math.max(0, state.count + cost)
end
