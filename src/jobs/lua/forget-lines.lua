--- Forgets the lines of jobs.
local function forget_lines(queue, ids)
  redis.call("HDEL", queue.plain, unpack(ids))
  redis.call("HDEL", queue.course, unpack(ids))
end
