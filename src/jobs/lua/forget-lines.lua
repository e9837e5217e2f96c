--- Forgets the lines of jobs. Answers how many were claimed.
local function forget_lines(queue, ids)
  redis.call("HDEL", queue.plain, unpack(ids))
  return redis.call("HDEL", queue.course, unpack(ids))
end
