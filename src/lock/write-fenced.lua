--- Write fields of a hash, unless somebody with a larger token has written before.
---
--- @key    record   hash       what is written, and the token of who wrote last in `fence`
--- @arg    token    bigint     the writer's token
--- @arg    ttl_ms   duration?  how long the record lives from now; left as it is if not given
--- @arg    fields   hash<bytes> what to write
--- @reply  "written"
--- @reply  "stale", token: bigint
--- @writes idempotent

local record = KEYS[1]
local token, ttl_ms, count = ARGV[1], ARGV[2], tonumber(ARGV[3])

local newest = redis.call("HGET", record, "fence")
if newest and tonumber(newest) > tonumber(token) then return { "stale", newest } end
for i = 4, 2 + 2 * count, 2 do
  redis.call("HSET", record, ARGV[i], ARGV[i + 1])
end
redis.call("HSET", record, "fence", token)
if ttl_ms ~= "" then redis.call("PEXPIRE", record, ttl_ms) end
return { "written" }
