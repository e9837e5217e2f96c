--- Take the lease if nobody came before, or stand in line. A place in line is a lease too: who stops asking loses it.
---
--- @key    lease      string    owner of the lease; expires with it
--- @key    fence      string    last fencing token handed out
--- @key    queue      zset      owner → place in line
--- @key    tickets    zset      owner → when the place lapses, ms
--- @arg    owner      string    unique to this acquisition: the same call sent twice has the same
--- @arg    lease_ms   duration  how long the lease lasts if nobody extends it
--- @arg    fence_ms   duration  how long the token is remembered
--- @arg    ticket_ms  duration  how long a place in line lasts if its owner does not ask again; 0 does not stand in line
--- @arg    now        instant?  instead of the server's clock, in tests
--- @reply  "granted", token: bigint
--- @reply  "held", owner: string, retry_in_ms: duration
--- @writes idempotent

local lease, fence, queue, tickets = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local owner, lease_ms, fence_ms, ticket_ms, now_given = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

--- @include now
--- @include next-token

local now = now_ms(now_given)
local holder = redis.call("GET", lease)
local last = tonumber(redis.call("GET", fence) or 0)
-- A hundred at a time: more than that at once lapse in the next call.
for _, lapsed in ipairs(redis.call("ZRANGEBYSCORE", tickets, "-inf", now, "LIMIT", 0, 100)) do
  redis.call("ZREM", queue, lapsed)
  redis.call("ZREM", tickets, lapsed)
end
local first = redis.call("ZRANGE", queue, 0, 0)[1] or owner

if holder == owner or (not holder and first == owner) then
  if not holder or last == 0 then last = next_token(last, now_given) end
  local token = string.format("%.0f", last)
  redis.call("ZREM", queue, owner)
  redis.call("ZREM", tickets, owner)
  redis.call("SET", lease, owner, "PX", lease_ms)
  redis.call("SET", fence, token, "PX", fence_ms)
  return { "granted", token }
end

if ticket_ms > 0 then
  local behind = redis.call("ZRANGE", queue, -1, -1, "WITHSCORES")[2] or 0
  redis.call("ZADD", queue, "NX", behind + 1, owner)
  redis.call("ZADD", tickets, now + ticket_ms, owner)
  redis.call("PEXPIRE", queue, ticket_ms)
  redis.call("PEXPIRE", tickets, ticket_ms)
end
if holder then return { "held", holder, math.max(0, redis.call("PTTL", lease)) } end
return { "held", first, math.max(0, tonumber(redis.call("ZSCORE", tickets, first) or now) - now) }
