--- @include gcra-state
--- @include sliding-window
--- @include fixed-window
--- @include sliding-log

--- Reads how one identity stands: in how many milliseconds its block ends, and its state under each policy. Its keys begin
--- after `before`, and `texts` holds what MGET answered for all keys.
local function subject_load(policies, keys, texts, before, now)
  local subject = { blocked = math.max(0, tonumber(texts[before + 1] or 0) - now) }
  for index, policy in ipairs(policies) do
    local at = before + policy.key
    local state = {
      algorithm = policy.algorithm, key = keys[at], burst_key = keys[at + 1],
      limit = policy.limit, per = policy.per, burst = policy.burst, burst_per = policy.burst_per,
    }
    local algorithm, load = policy.algorithm, gcra_load
    state.check, state.add = gcra_check, gcra_add
    if algorithm == "sliding-window" then
      load, state.check, state.add = window_load, window_check, window_add
    elseif algorithm == "fixed-window" then
      load, state.check, state.add = fixed_load, fixed_check, fixed_add
    elseif algorithm == "sliding-log" then
      load, state.check, state.add = exact_load, exact_check, exact_add
    end
    load(state, texts[at], now)
    subject[index] = state
  end
  return subject
end

--- Adds one decision to a reply: a verdict, then of each policy what is left, when the cost fits and when all is free.
local function subject_report(subject, cost, reply, verdict)
  reply[#reply + 1] = verdict
  for _, state in ipairs(subject) do
    local _, left, retry, reset = state.check(state, cost)
    reply[#reply + 1] = left
    reply[#reply + 1] = retry
    reply[#reply + 1] = reset
  end
end
