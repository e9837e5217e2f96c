--- @include log

--- Every call counts for exactly `per`. What does not fit in `limit` is paid from `burst`, and counts there for `burst_per`.
local function exact_load(state, _, now)
  state.main = log_open(state.key, state.per, now)
  state.more = log_open(state.burst_key, state.burst_per, now)
end

--- Answers whether a cost fits, what would be left for others, when it fits and when all is free again.
local function exact_check(state, cost)
  local main, more = state.main, state.more
  local left = math.max(0, state.limit - main.total - main.added) + math.max(0, state.burst - more.total - more.added)
  local reset = math.max(log_reset(main), log_reset(more))
  if cost <= left then return true, left, 0, reset end
  if cost > state.limit + state.burst then return false, left, -1, reset end
  local frees, used = {}, { [main] = main.total + main.added, [more] = more.total + more.added }
  -- A limit that was lowered has to be reached before anything is gained.
  log_frees(main, cost - left + math.max(0, used[main] - state.limit), frees)
  log_frees(more, cost - left + math.max(0, used[more] - state.burst), frees)
  table.sort(frees, function(one, other) return one[1] < other[1] end)
  for _, free in ipairs(frees) do
    used[free[3]] = used[free[3]] - free[2]
    if cost <= math.max(0, state.limit - used[main]) + math.max(0, state.burst - used[more]) then return false, left, free[1], reset end
  end
  return false, left, reset, reset
end

--- Books a cost: as much as fits under `limit`, the rest under `burst`.
local function exact_add(state, cost)
  local main, more = state.main, state.more
  local usual = math.min(cost, math.max(0, state.limit - main.total - main.added))
  main.added, more.added = main.added + usual, more.added + cost - usual
end
