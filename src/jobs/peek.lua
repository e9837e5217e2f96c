--- Read some fields of a job, packed.
---
--- @key    job*  hash  one a job
--- @arg    id         string  the job
--- @arg    ...fields  string  the fields, at most 100
--- @reply  bytes
--- @writes none

local prefix = KEYS[1]
local id = ARGV[1]

local fields = {}
for i = 2, math.min(#ARGV, 101) do fields[#fields + 1] = ARGV[i] end
return cmsgpack.pack(redis.call("HMGET", prefix .. id, unpack(fields)))
