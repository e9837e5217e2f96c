--- One exact log: a list whose head is "total offset last per" and whose further items are "at cost", oldest first. A call counts
--- until it is `per` old. Its time is the clock's plus `offset`, which grows when the clock is set back, so it never runs
--- backwards. Old items are passed over, 100,000 at most, of which there may be more than the limit if that was lowered; they are
--- dropped when the log is written.
local function log_open(key, per, now)
  local log = { key = key, per = per, total = 0, offset = 0, last = now, at = now, old = 0, added = 0 }
  local total, offset, last, per_then = string.match(redis.call("LINDEX", key, 0) or "", "^(%d+) (%d+) (%d+) (%d+)$")
  if not total then return log end
  log.total, log.offset, log.last, log.kept = tonumber(total), tonumber(offset), tonumber(last), true
  log.at, log.dirty = now + log.offset, tonumber(per_then) ~= per
  if log.at < log.last then log.offset, log.at, log.dirty = log.last - now, log.last, true end
  for from = 1, 100001, 100 do
    local items = redis.call("LRANGE", key, from, from + 99)
    for _, item in ipairs(items) do
      local at, cost = string.match(item, "^(%d+) (%d+)$")
      if tonumber(at) > log.at - per then return log end
      log.total, log.old, log.dirty = log.total - tonumber(cost), log.old + 1, true
    end
    if #items < 100 then break end
  end
  return log
end

--- Adds to `frees` in how many milliseconds what comes free of a log, oldest first, up to `need` calls.
local function log_frees(log, need, frees)
  local items = need > 0 and redis.call("LRANGE", log.key, log.old + 1, log.old + need) or {}
  for _, item in ipairs(items) do
    local at, cost = string.match(item, "^(%d+) (%d+)$")
    frees[#frees + 1] = { tonumber(at) + log.per - log.at, tonumber(cost), log }
  end
  if log.added > 0 then frees[#frees + 1] = { log.per, log.added, log } end
end

--- How long until the log is empty.
local function log_reset(log)
  if log.total + log.added <= 0 then return 0 end
  return log.added > 0 and log.per or log.last + log.per - log.at
end
