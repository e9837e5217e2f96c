--- Hand out permits to probe: once the open time is over, so many calls in all may pass, each under a lease. A permit whose lease
--- lapses comes back, so a process that died does not keep it.
---
--- @key    state    hash  how it stands, and the buckets of the window
--- @key    probes   zset  permit → lease end, ms
--- @key    reports  zset  instance → number of its last report, near its time in ms
--- @key    failing  zset  instance → last failure, ms
--- @arg    permits   integer   how many probes decide
--- @arg    lease_ms  duration  how long a permit holds
--- @arg    ttl_ms    duration  everything is forgotten so long after the last change
--- @arg    now       instant?  instead of the server's clock, in tests
--- @arg    ...ids    string    one for each permit that is asked for; the same call sent twice has the same
--- @reply  {standing: {state: string, generation: integer, left_ms: duration, attempt: integer, now_ms: instant}, granted: boolean[], retry_in_ms: duration}
--- @writes idempotent

local keys = { state = KEYS[1], probes = KEYS[2], reports = KEYS[3], failing = KEYS[4] }
local permits, lease_ms, ttl_ms, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

--- @include now
--- @include load
--- @include standing
--- @include move

local now = now_ms(now_given)
local breaker = load(keys.state, now)
if breaker.state == "open" and breaker.ends_at <= now then move(keys, breaker, "half-open", 0, now, ttl_ms) end
local granted = {}
if breaker.state ~= "half-open" then return { standing(breaker, now), granted, 0 } end

redis.call("ZREMRANGEBYSCORE", keys.probes, "-inf", string.format("%.0f", now))
local probing, done = redis.call("ZCARD", keys.probes), breaker.passed + breaker.failed
-- Another process may want more probes than this one, and have ended before it had them.
if probing == 0 and done >= permits then
  move(keys, breaker, "closed", 0, now, ttl_ms)
  return { standing(breaker, now), granted, 0 }
end
local room = permits - probing - done
local lease_end = string.format("%.0f", now + lease_ms)
for i = 5, #ARGV do
  local held = redis.call("ZSCORE", keys.probes, ARGV[i])
  if not held and room > 0 then
    redis.call("ZADD", keys.probes, lease_end, ARGV[i])
    held, room = lease_end, room - 1
  end
  granted[#granted + 1] = held and 1 or 0
end
redis.call("PEXPIRE", keys.state, ttl_ms + lease_ms)
redis.call("PEXPIRE", keys.probes, ttl_ms + lease_ms)
local first = redis.call("ZRANGE", keys.probes, 0, 0, "WITHSCORES")[2]
return { standing(breaker, now), granted, math.max(1, tonumber(first or now) - now) }
