--- Look at who holds permits, those that lapse first, without touching them.
---
--- @key    permits  zset      owner → lease end, ms
--- @arg    limit    integer   at most so many holders
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {taken: integer, holders: {owner: string, ends_at: instant}[], now_ms: instant}
--- @writes none

local permits = KEYS[1]
local limit, now_given = tonumber(ARGV[1]), ARGV[2]

--- @include now

local now = now_ms(now_given)
local stamp = string.format("(%.0f", now)
local holders = {}
local found = redis.call("ZRANGEBYSCORE", permits, stamp, "+inf", "WITHSCORES", "LIMIT", 0, limit)
for i = 1, #found, 2 do
  holders[#holders + 1] = { found[i], found[i + 1] }
end
return { redis.call("ZCOUNT", permits, stamp, "+inf"), holders, now }
