--- Take one of so many permits, or say when one comes free at the latest.
---
--- A permit is kept with the end of its own lease, by the server's clock, so nobody's short lease ends another's long one.
---
--- @key    permits   zset      owner → lease end, ms
--- @key    fence     string    last fencing token handed out
--- @arg    owner     string    unique to this acquisition: the same call sent twice has the same
--- @arg    limit     integer   so many permits there are
--- @arg    lease_ms  duration  how long the permit lasts if nobody extends it
--- @arg    fence_ms  duration  how long the token is remembered
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  "granted", token: bigint
--- @reply  "held", owner: string, retry_in_ms: duration
--- @writes idempotent

local permits, fence = KEYS[1], KEYS[2]
local owner, limit, lease_ms, fence_ms, now_given = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]

--- @include now
--- @include next-token

local now = now_ms(now_given)
redis.call("ZREMRANGEBYSCORE", permits, "-inf", now)
if not redis.call("ZSCORE", permits, owner) and redis.call("ZCARD", permits) >= limit then
  local first = redis.call("ZRANGE", permits, 0, 0, "WITHSCORES")
  return { "held", first[1], tonumber(first[2]) - now }
end
local token = string.format("%.0f", next_token(tonumber(redis.call("GET", fence) or 0), now_given))
redis.call("ZADD", permits, now + lease_ms, owner)
redis.call("SET", fence, token, "PX", fence_ms)
if redis.call("PTTL", permits) < lease_ms then redis.call("PEXPIRE", permits, lease_ms) end
return { "granted", token }
