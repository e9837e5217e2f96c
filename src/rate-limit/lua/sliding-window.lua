--- Two windows that are aligned to the clock: what is used is this one's count and of the one before the part that still lies
--- within `per`. An approximation, in whole numbers of calls times milliseconds.
local function window_load(state, raw, now)
  local window, count, before, per = string.match(raw or "", "^(%d+) (%d+) (%d+) (%d+)$")
  state.window = math.floor(now / state.per)
  state.into, state.count, state.before = now - state.window * state.per, 0, 0
  if not window then return end
  window, per = tonumber(window), tonumber(per)
  if per ~= state.per then
    -- The length was changed since: what counts now by the old one counts in this window.
    local age, left = math.floor(now / per) - window, 1 - now % per / per
    local used = age <= 0 and count + before * left or age == 1 and count * left or 0
    state.count, state.dirty = math.ceil(used), true
  elseif window >= state.window then
    state.count, state.before = tonumber(count), tonumber(before)
    -- The clock was set back: the counts move along, or they would stay until the old time is reached.
    state.dirty = window > state.window
  elseif window == state.window - 1 then
    state.before = tonumber(count)
  end
end

--- Answers whether a cost fits, what would be left for others, when it fits and when all is free again.
local function window_check(state, cost)
  local limit, per, into, count, before = state.limit, state.per, state.into, state.count, state.before
  local free = limit * per - before * (per - into) - count * per
  local reset = count > 0 and 2 * per - into or before > 0 and per - into or 0
  local left = math.max(0, math.floor(free / per))
  if cost * per <= free then return true, left, 0, reset end
  if cost > limit then return false, left, -1, reset end
  -- Within this window once enough of the one before has slid out; else within the next, where this one slides out.
  if count + cost <= limit then return false, left, per - math.floor((limit - count - cost) * per / before) - into, reset end
  return false, left, 2 * per - into - math.floor((limit - cost) * per / count), reset
end

--- Books a cost, or gives back a negative one: this window's calls first, then those of the one before.
local function window_add(state, cost)
  local count = state.count + cost
  if count < 0 then state.before = math.max(0, state.before + count) end
  state.count = math.max(0, count)
end
