--- What the buckets of the window hold together, and what the one that `now` falls in holds. A bucket is stored with the time
--- it begins at, so that one of an earlier round, or of a clock that was set back, is not taken for the present one.
local function totals(key, now, bucket_ms, buckets)
  local fields = {}
  for i = 1, buckets do fields[i] = string.format("b%d", i - 1) end
  local begins = now - now % bucket_ms
  local all, current = { calls = 0, failed = 0, slow = 0 }, { calls = 0, failed = 0, slow = 0 }
  for _, text in ipairs(redis.call("HMGET", key, unpack(fields))) do
    local at, calls, failed, slow = string.match(text or "", "^(%d+) (%d+) (%d+) (%d+)$")
    at = tonumber(at or -1)
    if at > begins - bucket_ms * buckets and at <= begins then
      all.calls, all.failed, all.slow = all.calls + calls, all.failed + failed, all.slow + slow
      if at == begins then current = { calls = tonumber(calls), failed = tonumber(failed), slow = tonumber(slow) } end
    end
  end
  return all, current, begins
end
