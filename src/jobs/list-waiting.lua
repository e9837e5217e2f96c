--- Read a page of the jobs that are in line, with the fields asked for, each packed.
---
--- @key    ready   zset  id → priority, then age
--- @key    fresh   list  ids of plain jobs, in order
--- @key    vacant  zset  id → the place that it has left among the fresh
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

local queue = { ready = KEYS[1], fresh = KEYS[2], vacant = KEYS[3], plain = KEYS[4], course = KEYS[5], batches = KEYS[6], job = KEYS[7] }
local offset, limit, reverse, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]

--- @include now
--- @include read-job
--- @include page-of-line

local now, fields = now_ms(now_given), {}
for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
local total = redis.call("ZCARD", queue.ready) + redis.call("LLEN", queue.fresh) - redis.call("ZCARD", queue.vacant)
local first, last = offset, math.min(offset + limit, total)
if reverse == "1" then first, last = math.max(0, total - offset - limit), total - offset end
local ids, jobs = page_of_line(queue, first, last - first), {}
for i, id in ipairs(ids) do jobs[i] = read_job(queue, id, now, fields) end
if reverse == "1" then
  for i = 1, math.floor(#jobs / 2) do jobs[i], jobs[#jobs + 1 - i] = jobs[#jobs + 1 - i], jobs[i] end
end
return { total, jobs }
