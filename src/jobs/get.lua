--- Read a job.
---
--- @key    job*  hash  one a job
--- @arg    id  string  the job
--- @reply  bytes[]
--- @writes none

local prefix = KEYS[1]
local id = ARGV[1]

return redis.call("HGETALL", prefix .. id)
