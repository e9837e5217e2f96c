--- Take the leases of one resource or of several, all or none, with a fencing token larger than every one before.
---
--- The token does not come from a counter: one that is lost in a failover, or evicted, would start again. A clock does not.
---
--- @key    ...key    string    lease and fence of each resource, by turns
--- @arg    owner     string    unique to this acquisition: the same call sent twice has the same
--- @arg    lease_ms  duration  how long the leases last if nobody extends them
--- @arg    fence_ms  duration  how long the token is remembered
--- @arg    floor     bigint    the token is larger than this
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  "granted", token: bigint
--- @reply  "held", owner: string, retry_in_ms: duration
--- @writes idempotent

local owner, lease_ms, fence_ms, floor, now_given = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

--- @include next-token

-- What nearly every call comes to: one resource, which is free. The token is right unless the last one was minted by a clock
-- ahead of this one.
if #KEYS == 2 and redis.call("SET", KEYS[1], owner, "NX", "PX", lease_ms) then
  local token = next_token(floor, now_given)
  local text = string.format("%.0f", token)
  local last = redis.call("SET", KEYS[2], text, "GET", "PX", fence_ms)
  if last and tonumber(last) >= token then
    text = string.format("%.0f", last + 1)
    redis.call("SET", KEYS[2], text, "PX", fence_ms)
  end
  return { "granted", text }
end

local last, mine = floor, true
for i = 1, #KEYS, 2 do
  local holder = redis.call("GET", KEYS[i])
  if holder and holder ~= owner then
    return { "held", holder, math.max(0, redis.call("PTTL", KEYS[i])) }
  end
  mine = mine and holder == owner
  last = math.max(last, tonumber(redis.call("GET", KEYS[i + 1]) or 0))
end

-- A fence that was evicted while its lease stayed is minted anew: nobody has heard the first token yet.
if not mine or last <= floor then last = next_token(last, now_given) end
local token = string.format("%.0f", last)
for i = 1, #KEYS, 2 do
  redis.call("SET", KEYS[i], owner, "PX", lease_ms)
  redis.call("SET", KEYS[i + 1], token, "PX", fence_ms)
end
return { "granted", token }
