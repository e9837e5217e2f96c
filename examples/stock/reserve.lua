--- Reserve items, if there are as many left, and say who has them.
---
--- @key    stock     string  how many are left
--- @key    reserved  hash    order → how many it has reserved
--- @arg    order     string   who reserves; doing it again changes nothing
--- @arg    count     integer  how many
--- @arg    hold_ms   duration how long a reservation holds
--- @reply  "reserved", left: integer
--- @reply  "short", left: integer
--- @writes idempotent

local stock, reserved = KEYS[1], KEYS[2]
local order, count, hold_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local left = tonumber(redis.call("GET", stock) or 0)
if redis.call("HEXISTS", reserved, order) == 1 then return { "reserved", left } end
if left < count then return { "short", left } end

redis.call("HSET", reserved, order, count)
redis.call("PEXPIRE", reserved, hold_ms)
return { "reserved", redis.call("DECRBY", stock, count) }
