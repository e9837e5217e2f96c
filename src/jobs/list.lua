--- Read a page of the jobs of one set, with the fields asked for, each packed.
---
--- @key    set   zset  the set
--- @key    job*  hash  one a job
--- @arg    offset   integer  how many to pass over
--- @arg    limit    integer  how many to read
--- @arg    reverse  boolean  from the end
--- @arg    ...fields string  fields of each job; all of them, with their names, if none is named
--- @reply  {total: integer, jobs: bytes[]}
--- @writes none

local set, prefix = KEYS[1], KEYS[2]
local offset, limit, reverse = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local fields = {}
for i = 4, #ARGV do fields[#fields + 1] = ARGV[i] end
local ids = redis.call(reverse == "1" and "ZREVRANGE" or "ZRANGE", set, offset, offset + limit - 1)
local jobs = {}
for _, id in ipairs(ids) do
  local key = prefix .. id
  jobs[#jobs + 1] = cmsgpack.pack(#fields == 0 and redis.call("HGETALL", key) or redis.call("HMGET", key, unpack(fields)))
end
return { redis.call("ZCARD", set), jobs }
