--- @include gcra-save

local function window_save(state)
  if state.count == 0 and state.before == 0 then return redis.call("DEL", state.key) end
  local text = string.format("%d %d %d %d", state.window, state.count, state.before, state.per)
  return redis.call("SET", state.key, text, "PX", (state.count > 0 and 2 or 1) * state.per - state.into)
end

local function fixed_save(state)
  if state.count == 0 then return redis.call("DEL", state.key) end
  local text = string.format("%d %d %d", state.start, state.count, state.per)
  return redis.call("SET", state.key, text, "PX", state.per - state.age)
end

local function log_save(log)
  local total = log.total + log.added
  if total <= 0 then return log.kept and redis.call("DEL", log.key) end
  -- Added first: if there is no memory for it, nothing was changed.
  if log.added > 0 then
    log.last = log.at
    redis.call("RPUSH", log.key, string.format("%d %d", log.at, log.added))
  end
  if log.kept then redis.call("LPOP", log.key, log.old + 1) end
  redis.call("LPUSH", log.key, string.format("%d %d %d %d", total, log.offset, log.last, log.per))
  return redis.call("PEXPIRE", log.key, log.last + log.per - log.at)
end

--- Writes every state that was changed.
local function subject_save(subject, now)
  for _, state in ipairs(subject) do
    if state.main then
      if state.dirty or state.main.dirty then log_save(state.main) end
      if state.dirty or state.more.dirty then log_save(state.more) end
    elseif state.dirty then
      if state.algorithm == "gcra" then gcra_save(state.key, state.level, now, state.limit, state.per)
      elseif state.algorithm == "sliding-window" then window_save(state)
      else fixed_save(state) end
    end
  end
end
