--- Read a job: the fields of its hash and what they hold by turns, packed.
---
--- @key    job*  hash  one a job
--- @arg    id  string  the job
--- @reply  bytes
--- @writes none

local prefix = KEYS[1]
local id = ARGV[1]

return cmsgpack.pack(redis.call("HGETALL", prefix .. id))
