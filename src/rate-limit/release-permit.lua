--- Give the places of a permit back.
---
--- @key    permits  zset      permit and place → lease end, ms; expires with the last
--- @arg    permit   string    whose
--- @arg    places   integer   how many places it takes
--- @reply  boolean  whether it still held any
--- @writes idempotent

local permits = KEYS[1]
local permit, places = ARGV[1], tonumber(ARGV[2])

local gone = 0
for place = 1, places do gone = gone + redis.call("ZREM", permits, string.format("%s:%d", permit, place)) end
return gone > 0 and 1 or 0
