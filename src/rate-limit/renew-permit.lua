--- Make a permit hold longer, unless its lease has lapsed.
---
--- @key    permits  zset      permit and place → lease end, ms; expires with the last
--- @arg    permit   string    whose
--- @arg    places   integer   how many places it takes
--- @arg    lease_ms duration  how long it holds from now on
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  "renewed", until_ms: instant
--- @reply  "lost"
--- @writes idempotent

local permits = KEYS[1]
local permit, places, lease_ms, now_given = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

--- @include now

local now = now_ms(now_given)
local held_until = redis.call("ZSCORE", permits, permit .. ":1")
if not held_until or tonumber(held_until) <= now then return { "lost" } end
local lease_end = string.format("%.0f", now + lease_ms)
for place = 1, places do redis.call("ZADD", permits, lease_end, string.format("%s:%d", permit, place)) end
redis.call("PEXPIRE", permits, math.max(lease_ms, redis.call("PTTL", permits)))
return { "renewed", now + lease_ms }
