--- Look at a lease without touching it.
---
--- @key    lease  string  owner of the lease
--- @key    fence  string  last fencing token handed out
--- @key    queue  zset    owner → place in line
--- @reply  {owner: string?, remaining_ms: integer, token: bigint?, waiting: integer}
--- @writes none

local lease, fence, queue = KEYS[1], KEYS[2], KEYS[3]

return { redis.call("GET", lease), redis.call("PTTL", lease), redis.call("GET", fence), redis.call("ZCARD", queue) }
