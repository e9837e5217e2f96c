--- Have a job's end published on a channel of its own name, if it comes within a minute. Answers how the job stands.
---
--- @key    meta  hash  counters, order, paused, watched
--- @key    job*  hash  one a job
--- @arg    id   string    the job
--- @arg    now  instant?  instead of the server's clock, in tests
--- @reply  string
--- @writes idempotent

local meta, prefix = KEYS[1], KEYS[2]
local id, now_given = ARGV[1], ARGV[2]

--- @include now
--- @include read-tokens

local key = prefix .. id
local status = redis.call("HGET", key, "status")
if not status then return "unknown" end
if status ~= "completed" and status ~= "failed" and status ~= "canceled" then
  redis.call("HSET", key, "notify", "1")
  read_tokens(meta, now_ms(now_given) + 60000)
end
return status
