--- Take a lease away from whoever holds it, and tell them. The next token is larger than theirs, whatever the clock says.
---
--- Never sent twice: the second would take it from the next holder.
---
--- @key    lease     string    owner of the lease
--- @key    fence     string    last fencing token handed out
--- @arg    channel   string    where holders hear that they lost a lease
--- @arg    fence_ms  duration  how long the token is remembered
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  "forced", owner: string, token: bigint
--- @reply  "free"
--- @writes once

local lease, fence = KEYS[1], KEYS[2]
local channel, fence_ms, now_given = ARGV[1], ARGV[2], ARGV[3]

--- @include next-token

local holder = redis.call("GET", lease)
if not holder then return { "free" } end
local token = string.format("%.0f", next_token(tonumber(redis.call("GET", fence) or 0), now_given))
redis.call("SET", fence, token, "PX", fence_ms)
redis.call("DEL", lease)
redis.call("PUBLISH", channel, holder)
redis.call("PUBLISH", lease, "freed")
return { "forced", holder, token }
