--- Have a job's end published on a channel of its own name. Answers how the job stands.
---
--- @key    job*  hash  one a job
--- @arg    id  string  the job
--- @reply  string
--- @writes idempotent

local prefix = KEYS[1]
local id = ARGV[1]

local key = prefix .. id
local status = redis.call("HGET", key, "status")
if not status then return "unknown" end
if status ~= "completed" and status ~= "failed" and status ~= "canceled" then redis.call("HSET", key, "notify", "1") end
return status
