--- @include course-status

--- Has the lines of folded jobs expire with the last ended one, if no job waits or runs: nobody may come any more who drops them.
--- Adding one takes that back.
local function expire_folded(queue, now)
  if redis.call("ZCARD", queue.ready) + redis.call("LLEN", queue.fresh) + redis.call("ZCARD", queue.leased) > 0 then return end
  local last, listed = redis.call("ZRANGE", queue.done, -1, -1, "WITHSCORES")[2], redis.call("LINDEX", queue.past, -1)
  if not last and not listed then return end
  -- One before the last may be kept for longer, by another process: the list lives as long as it does.
  local listed_end = listed and course_end(redis.call("HGET", queue.course, listed)) or 0
  local ends = math.max(tonumber(last or 0), listed_end, now + redis.call("PTTL", queue.past))
  redis.call("PEXPIRE", queue.plain, string.format("%d", ends - now))
  redis.call("PEXPIRE", queue.course, string.format("%d", ends - now))
end
