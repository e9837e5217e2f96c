--- Read a page of the jobs of one set, with the fields asked for, each packed.
---
--- @key    set     zset  the set
--- @key    plain   hash  id → a folded job, as it was added
--- @key    course  hash  id → how far a folded job has come
--- @key    batches hash  batch → what those of its jobs have in common that wait
--- @key    job*    hash  one a job
--- @arg    offset   integer  how many to pass over
--- @arg    limit    integer  how many to read
--- @arg    reverse  boolean  from the end
--- @arg    now      instant?  instead of the server's clock, in tests
--- @arg    ...fields string  fields of each job; all of them, with their names, if none is named
--- @reply  {total: integer, jobs: bytes[]}
--- @writes none

local set, queue = KEYS[1], { plain = KEYS[2], course = KEYS[3], batches = KEYS[4], job = KEYS[5] }
local offset, limit, reverse, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]

--- @include now
--- @include read-job

local now, fields = now_ms(now_given), {}
for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
local ids = redis.call(reverse == "1" and "ZREVRANGE" or "ZRANGE", set, offset, offset + limit - 1)
local jobs = {}
for _, id in ipairs(ids) do jobs[#jobs + 1] = read_job(queue, id, now, fields) end
return { redis.call("ZCARD", set), jobs }
