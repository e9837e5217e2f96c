--- Count the calls that a process saw since its last report, and open the breaker if that makes too many bad ones. A report that
--- comes twice counts once; one of an earlier generation does not count.
---
--- @key    state    hash  how it stands, and the buckets of the window
--- @key    probes   zset  permit → lease end, ms
--- @key    reports  zset  instance → number of its last report, near its time in ms
--- @key    failing  zset  instance → last failure, ms
--- @arg    instance       string    who reports
--- @arg    number         integer   of the report: each of an instance is higher than the one before
--- @arg    generation     integer   in which the calls began
--- @arg    calls          integer   how many there were
--- @arg    failed         integer   how many of them failed
--- @arg    slow           integer   how many of them were slow
--- @arg    bucket_ms      duration  how long a bucket of the window is
--- @arg    buckets        integer   how many there are
--- @arg    minimum_calls  integer   opens with no fewer calls in the window
--- @arg    failure_rate   number    opens when this share of them failed
--- @arg    slow_rate      number    opens when this share of them was slow
--- @arg    min_reporters  integer   opens only if so many instances saw one that failed or was slow
--- @arg    base_ms        duration  how long it is open the first time in a row
--- @arg    factor         number    by how much each further time is longer
--- @arg    max_ms         duration  no time is longer
--- @arg    ttl_ms         duration  everything is forgotten so long after the last change
--- @arg    now            instant?  instead of the server's clock, in tests
--- @reply  {state: string, generation: integer, left_ms: duration, attempt: integer, now_ms: instant}
--- @writes idempotent

local keys = { state = KEYS[1], probes = KEYS[2], reports = KEYS[3], failing = KEYS[4] }
local instance, number, generation = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local calls, failed, slow = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local bucket_ms, buckets, minimum_calls = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local failure_rate, slow_rate, min_reporters = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local times = { base_ms = tonumber(ARGV[13]), factor = tonumber(ARGV[14]), max_ms = tonumber(ARGV[15]) }
local ttl_ms, now_given = tonumber(ARGV[16]), ARGV[17]

--- @include now
--- @include load
--- @include standing
--- @include totals
--- @include open

local now = now_ms(now_given)
local breaker = load(keys.state, now)
-- When Redis has forgotten the breaker, the generation goes on that the process remembers.
if not breaker.known then breaker.generation = generation end
if generation ~= breaker.generation or (breaker.state ~= "closed" and breaker.state ~= "forced-closed") then
  return standing(breaker, now)
end
if tonumber(redis.call("ZSCORE", keys.reports, instance) or -1) >= number then return standing(breaker, now) end

local all, current, begins = totals(keys.state, now, bucket_ms, buckets)
local stamp, window_ms = string.format("%.0f", now), bucket_ms * buckets
local bucket = string.format("%.0f %d %d %d", begins, current.calls + calls, current.failed + failed, current.slow + slow)
local slot = string.format("b%d", begins / bucket_ms % buckets)
redis.call("HSET", keys.state, "state", breaker.state, "generation", string.format("%.0f", generation), slot, bucket)
redis.call("PEXPIRE", keys.state, ttl_ms + math.max(0, breaker.ends_at - now))
redis.call("ZREMRANGEBYSCORE", keys.reports, "-inf", string.format("%.0f", now - window_ms - 60000))
redis.call("ZADD", keys.reports, string.format("%.0f", number), instance)
redis.call("PEXPIRE", keys.reports, ttl_ms)
if failed + slow > 0 then
  redis.call("ZREMRANGEBYSCORE", keys.failing, "-inf", string.format("%.0f", now - window_ms))
  redis.call("ZADD", keys.failing, stamp, instance)
  redis.call("PEXPIRE", keys.failing, ttl_ms)
end

local total = all.calls + calls
if breaker.state == "closed" and total >= math.max(1, minimum_calls) then
  -- Divided and not multiplied: in binary fractions 0.1 * 30 is more than 3, but 3 / 30 is 0.1.
  local bad = (all.failed + failed) / total >= failure_rate or (all.slow + slow) / total >= slow_rate
  local reporters = redis.call("ZCOUNT", keys.failing, string.format("(%.0f", now - window_ms), "+inf")
  if bad and reporters >= min_reporters then open(keys, breaker, times, now, ttl_ms) end
end
return standing(breaker, now)
