--- Give up a place in line, and wake who is first if the resource is free.
---
--- @key    lease    string  owner of the lease
--- @key    queue    zset    owner → place in line
--- @key    tickets  zset    owner → when the place lapses, ms
--- @arg    owner    string  who gives up
--- @reply  boolean
--- @writes idempotent

local lease, queue, tickets = KEYS[1], KEYS[2], KEYS[3]
local owner = ARGV[1]

redis.call("ZREM", tickets, owner)
redis.call("ZREM", queue, owner)
local first = redis.call("ZRANGE", queue, 0, 0)[1]
if first and redis.call("EXISTS", lease) == 0 then redis.call("PUBLISH", lease, first) end
return 1
