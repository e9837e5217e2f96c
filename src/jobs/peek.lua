--- Read some fields of a job, packed.
---
--- @key    plain   hash  id → a folded job, as it was added
--- @key    course  hash  id → how far a folded job has come
--- @key    batches hash  batch → what those of its jobs have in common that wait
--- @key    job*    hash  one a job
--- @arg    id         string    the job
--- @arg    now        instant?  instead of the server's clock, in tests
--- @arg    ...fields  string  the fields, at most 100
--- @reply  bytes
--- @writes none

local queue = { plain = KEYS[1], course = KEYS[2], batches = KEYS[3], job = KEYS[4] }
local id, now_given = ARGV[1], ARGV[2]

--- @include now
--- @include read-job

local fields = {}
for i = 3, math.min(#ARGV, 102) do fields[#fields + 1] = ARGV[i] end
return read_job(queue, id, now_ms(now_given), fields)
