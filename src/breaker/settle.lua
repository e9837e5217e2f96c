--- Give a permit back with what its probe showed: too many that failed open the breaker again, enough that passed close it. A permit
--- that lapsed, or is of an earlier generation, shows nothing.
---
--- @key    state    hash  how it stands, and the buckets of the window
--- @key    probes   zset  permit → lease end, ms
--- @key    reports  zset  instance → number of its last report, near its time in ms
--- @key    failing  zset  instance → last failure, ms
--- @arg    id           string    the permit
--- @arg    generation   integer   in which it was handed out
--- @arg    outcome      string    passed, failed or ignored
--- @arg    permits      integer   how many probes decide
--- @arg    failures     integer   how many of them may fail
--- @arg    base_ms      duration  how long it is open the first time in a row
--- @arg    factor       number    by how much each further time is longer
--- @arg    max_ms       duration  no time is longer
--- @arg    ttl_ms       duration  everything is forgotten so long after the last change
--- @arg    now          instant?  instead of the server's clock, in tests
--- @reply  {state: string, generation: integer, left_ms: duration, attempt: integer, now_ms: instant}
--- @writes idempotent

local keys = { state = KEYS[1], probes = KEYS[2], reports = KEYS[3], failing = KEYS[4] }
local id, generation, outcome = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local permits, failures = tonumber(ARGV[4]), tonumber(ARGV[5])
local times = { base_ms = tonumber(ARGV[6]), factor = tonumber(ARGV[7]), max_ms = tonumber(ARGV[8]) }
local ttl_ms, now_given = tonumber(ARGV[9]), ARGV[10]

--- @include now
--- @include load
--- @include standing
--- @include open

local now = now_ms(now_given)
local breaker = load(keys.state, now)
if breaker.state ~= "half-open" or breaker.generation ~= generation then return standing(breaker, now) end
if redis.call("ZREM", keys.probes, id) == 0 then return standing(breaker, now) end

if outcome == "ignored" then
  -- There is room for another probe: those who were told that there is none may ask again.
  redis.call("PUBLISH", keys.state, string.format("half-open %.0f 0 %d", generation, breaker.attempt))
  return standing(breaker, now)
end
if outcome == "passed" then breaker.passed = breaker.passed + 1 else breaker.failed = breaker.failed + 1 end
if breaker.failed > failures then
  open(keys, breaker, times, now, ttl_ms)
elseif breaker.passed + breaker.failed >= permits then
  move(keys, breaker, "closed", 0, now, ttl_ms)
else
  redis.call("HSET", keys.state, "passed", breaker.passed, "failed", breaker.failed)
  redis.call("PEXPIRE", keys.state, ttl_ms)
end
return standing(breaker, now)
