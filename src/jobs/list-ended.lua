--- Read a page of the jobs that are completed or canceled, with the fields asked for, each packed.
---
--- @key    done       zset  id → expires at, ms
--- @key    past       list  ids of completed jobs that were fresh, the oldest first
--- @key    plain      hash  id → a folded job, as it was added
--- @key    course     hash  id → how far a folded job has come
--- @key    batches    hash  batch → what those of its jobs have in common that wait
--- @key    job*       hash  one a job
--- @arg    offset   integer  how many to pass over
--- @arg    limit    integer  how many to read
--- @arg    reverse  boolean  from the end
--- @arg    now      instant?  instead of the server's clock, in tests
--- @arg    ...fields string  fields of each job; all of them, with their names, if none is named
--- @reply  {total: integer, jobs: bytes[]}
--- @writes none

local queue = { done = KEYS[1], past = KEYS[2], plain = KEYS[3], course = KEYS[4], batches = KEYS[5], job = KEYS[6] }
local offset, limit, reverse, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]

--- @include now
--- @include course-status
--- @include page-of-line

--- When completed jobs expire.
local function completed_orders(queue, ids)
  local orders = {}
  for i, line in ipairs(redis.call("HMGET", queue.course, unpack(ids))) do orders[i] = course_end(line) or 0 end
  return orders
end

local fields = {}
for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
local line = { list = queue.past, set = queue.done, orders = completed_orders }
return read_page(queue, line, offset, limit, reverse, now_ms(now_given), fields)
