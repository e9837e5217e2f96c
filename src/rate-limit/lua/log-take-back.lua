--- Takes back up to `cost` of the latest calls. Answers how much is left to take back.
local function log_take_back(log, cost)
  for _ = 1, cost do
    if cost == 0 or log.total <= 0 then break end
    local at, held = string.match(redis.call("RPOP", log.key) or "", "^(%d+) (%d+)$")
    if not at then break end
    local back = math.min(cost, tonumber(held))
    if back < tonumber(held) then redis.call("RPUSH", log.key, string.format("%s %d", at, tonumber(held) - back)) end
    log.total, cost, log.dirty = log.total - back, cost - back, true
  end
  -- All is free again when the latest call that is left no longer counts.
  if log.total > 0 then log.last = tonumber(string.match(redis.call("LINDEX", log.key, -1), "^%d+")) end
  return cost
end
