--- Has the lines of folded jobs expire with the last ended one, if no job waits or runs: nobody may come any more who drops them.
--- Adding one takes that back.
local function expire_folded(queue, now)
  if redis.call("ZCARD", queue.ready) + redis.call("LLEN", queue.fresh) + redis.call("ZCARD", queue.leased) > 0 then return end
  local last = redis.call("ZRANGE", queue.done, -1, -1, "WITHSCORES")[2]
  if not last then return end
  redis.call("PEXPIRE", queue.plain, string.format("%d", last - now))
  redis.call("PEXPIRE", queue.course, string.format("%d", last - now))
end
