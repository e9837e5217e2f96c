--- Give a lease back, if it is the owner's, and wake who is next in line.
---
--- @key    lease    string  owner of the lease
--- @key    queue    zset    owner → place in line
--- @arg    owner    string  who gives back
--- @reply  boolean
--- @writes once

local lease, queue = KEYS[1], KEYS[2]
local owner = ARGV[1]

if redis.call("GET", lease) ~= owner then return 0 end
redis.call("DEL", lease)
local first = redis.call("ZRANGE", queue, 0, 0)[1]
if first then redis.call("PUBLISH", lease, first) end
return 1
