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
--- @include line-order
--- @include page-of-line

local fields = {}
for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
local line = { list = queue.fresh, set = queue.ready, vacant = queue.vacant, orders = line_orders }
return read_page(queue, line, offset, limit, reverse, now_ms(now_given), fields)
