--- Make a permit last longer, if it has not lapsed.
---
--- @key    permits   zset      owner → lease end, ms
--- @key    fence     string    last fencing token handed out
--- @arg    owner     string    who holds the permit
--- @arg    lease_ms  duration  how long it lasts from now; one that lasts longer stays as it is
--- @arg    fence_ms  duration  how long the token is remembered
--- @arg    token     bigint    the holder's token
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  boolean
--- @writes idempotent

local permits, fence = KEYS[1], KEYS[2]
local owner, lease_ms, fence_ms, token, now_given = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]

--- @include now
--- @include raise-fence

local now = now_ms(now_given)
local ends = tonumber(redis.call("ZSCORE", permits, owner) or 0)
if ends <= now then return 0 end
redis.call("ZADD", permits, math.max(ends, now + lease_ms), owner)
if redis.call("PTTL", permits) < lease_ms then redis.call("PEXPIRE", permits, lease_ms) end
raise_fence(fence, token, fence_ms)
return 1
