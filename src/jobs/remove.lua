--- Forget a job, unless it runs.
---
--- @key    ready      zset  id → priority, then age
--- @key    scheduled  zset  id → due, ms
--- @key    dead       zset  id → failed at, ms
--- @key    done       zset  id → expires at, ms
--- @key    job*       hash  one a job
--- @arg    id  string  the job
--- @reply  "removed", status: string
--- @reply  "in-progress"
--- @reply  "unknown"
--- @writes idempotent

local sets = { KEYS[1], KEYS[2], KEYS[3], KEYS[4] }
local prefix = KEYS[5]
local id = ARGV[1]

local key = prefix .. id
local job = redis.call("HMGET", key, "status", "notify")
if not job[1] then return { "unknown" } end
if job[1] == "in-progress" then return { "in-progress" } end
for _, set in ipairs(sets) do redis.call("ZREM", set, id) end
redis.call("UNLINK", key)
if job[2] then redis.call("PUBLISH", key, "removed") end
return { "removed", job[1] }
