--- Add to a counter, which begins anew when its period is over, or when it would go past its threshold.
---
--- @key    counter    hash       value, resetAt
--- @arg    by         bigint     how much to add
--- @arg    threshold  bigint?    the value is never more
--- @arg    after_ms   duration?  how long the period is, from the first call on
--- @arg    each       string     otherwise a calendar unit, or its length in milliseconds
--- @arg    offset_ms  integer    how far the calendar is ahead of UTC
--- @arg    now        instant?   instead of the server's clock, in tests
--- @reply  {value: bigint, began: boolean, reset_at: instant, now_ms: instant}
--- @writes once

local counter = KEYS[1]
local by, threshold, after_ms, each, offset_ms, now_given =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]

--- @include now
--- @include period
--- @include compare-integers

local now = now_ms(now_given)
local reset_at = tonumber(redis.call("HGET", counter, "resetAt") or 0)
if reset_at > now then
  local added = redis.pcall("HINCRBY", counter, "value", by)
  local overflow = type(added) == "table"
  if overflow and (threshold == "" or not string.find(added.err, "overflow", 1, true)) then return added end
  local value = redis.call("HGET", counter, "value")
  if not overflow and (threshold == "" or compare_integers(value, threshold) <= 0) then return { value, false, reset_at, now } end
end
if after_ms then
  reset_at = now + after_ms
else
  local _, over = period_at(each, now, offset_ms)
  reset_at = over
end
redis.call("HSET", counter, "value", by, "resetAt", reset_at)
redis.call("PEXPIRE", counter, reset_at - now)
return { by, true, reset_at, now }
