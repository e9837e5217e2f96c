--- Hold a breaker in a state by hand for a while, or let it begin anew, closed and with nothing counted.
---
--- @key    state    hash  how it stands, and the buckets of the window
--- @key    probes   zset  permit → lease end, ms
--- @key    reports  zset  instance → number of its last report, near its time in ms
--- @key    failing  zset  instance → last failure, ms
--- @arg    order    string    id of this order: one that comes twice is carried out once
--- @arg    state    string    forced-open, forced-closed, disabled; or closed
--- @arg    left_ms  duration  how long it is held; 0 for closed
--- @arg    ttl_ms   duration  everything is forgotten so long after that
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {state: string, generation: integer, left_ms: duration, attempt: integer, now_ms: instant}
--- @writes idempotent

local keys = { state = KEYS[1], probes = KEYS[2], reports = KEYS[3], failing = KEYS[4] }
local order, state, left_ms, ttl_ms, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

--- @include now
--- @include load
--- @include standing
--- @include move

local now = now_ms(now_given)
local breaker = load(keys.state, now)
if redis.call("HGET", keys.state, "order") == order then return standing(breaker, now) end
breaker.attempt = 0
move(keys, breaker, state, left_ms, now, ttl_ms)
redis.call("HSET", keys.state, "order", order)
return standing(breaker, now)
