--- @include gcra

--- GCRA, as one of several policies of an identity.
local function gcra_load(state, raw, now)
  state.full = state.burst * state.per
  state.level, state.dirty = gcra_level(raw, now, state.limit, state.per, state.full)
end

--- Answers whether a cost fits, what would be left for others, when it fits and when all is free again.
local function gcra_check(state, cost)
  return state.level + cost * state.per <= state.full, gcra_report(state.level, cost, state.limit, state.per, state.full)
end

--- Books a cost, or gives back a negative one: never more than was taken.
local function gcra_add(state, cost)
  state.level = math.max(0, state.level + cost * state.per)
end
