--- Take some of the places of an identity under a lease, or say when the next ones lapse.
---
--- @key    permits  zset      permit and place → lease end, ms; expires with the last
--- @arg    permit   string    the caller's unique id; asked for again, it is the same permit
--- @arg    places   integer   how many places it takes
--- @arg    limit    integer   how many there are
--- @arg    lease_ms duration  how long it holds if nobody renews it
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  "granted", free: integer, until_ms: instant
--- @reply  "full", free: integer, retry_in_ms: duration
--- @writes idempotent

local permits = KEYS[1]
local permit, places, limit, lease_ms, now_given = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

--- @include now

local now = now_ms(now_given)
redis.call("ZREMRANGEBYSCORE", permits, "-inf", string.format("%.0f", now))
local used = redis.call("ZCARD", permits)
local mine = redis.call("ZSCORE", permits, permit .. ":1") and places or 0
local over = used - mine + places - limit
if over > 0 then
  local lapse = redis.call("ZRANGE", permits, over - 1, over - 1, "WITHSCORES")[2]
  return { "full", math.max(0, limit - used), math.max(1, tonumber(lapse or now) - now) }
end
local lease_end = string.format("%.0f", now + lease_ms)
for place = 1, places do redis.call("ZADD", permits, lease_end, string.format("%s:%d", permit, place)) end
redis.call("PEXPIRE", permits, math.max(lease_ms, redis.call("PTTL", permits)))
return { "granted", limit - used + mine - places, now + lease_ms }
