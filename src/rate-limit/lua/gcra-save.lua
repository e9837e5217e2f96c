--- Writes a level down until it has drained.
local function gcra_save(key, level, now, limit, per)
  if level == 0 then return redis.call("DEL", key) end
  local text, drained = string.format("%d %d %d %d", level, now, per, limit), string.format("%d", math.ceil(level / limit))
  return redis.call("SET", key, text, "PX", drained)
end
