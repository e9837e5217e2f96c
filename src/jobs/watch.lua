--- Read a job, and have its end published on a channel of its own name.
---
--- @key    job*  hash  one a job
--- @arg    id  string  the job
--- @reply  bytes[]
--- @writes idempotent

local prefix = KEYS[1]
local id = ARGV[1]

local key = prefix .. id
local status = redis.call("HGET", key, "status")
if status and status ~= "completed" and status ~= "failed" and status ~= "canceled" then redis.call("HSET", key, "notify", "1") end
return redis.call("HGETALL", key)
